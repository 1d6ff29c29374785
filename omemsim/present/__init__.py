"""How results are shown, and nothing of what they are: text, CSV and HTML, each in one place."""
