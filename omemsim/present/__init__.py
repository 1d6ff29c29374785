"""How results are shown, not what they are: text, CSV, workbooks, HTML, commands of a shell."""
