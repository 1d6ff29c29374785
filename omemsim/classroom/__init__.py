"""A class: the class page served to many browsers, their answers gathered on a wall without names.

- `rooms`: groups, students, answers; plain data. `questions`: what may be answered.
- `incoming`: what a request may say. `limits`: how often somebody may ask. `app`: what is answered;
  `wall`: in which form. `serving`: the server around it, its deadlines and its end.
- `pages`: lobby, desk and class page, of `web/` and of templates; `words`: what they say from
  JavaScript. `served`: files as they are sent.
- `kept`: answers as a table. `qr`: addresses as pictures.

The extra ``app`` has what is needed: starlette, uvicorn, segno. Everything that people are told of
it is in docs/class_server.md.
"""
