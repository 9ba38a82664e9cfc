; Where keys do other things.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

((string) @string
  (#match? @string "^[\"#]"))

[
  (single_line_comment)
  (multi_line_comment)
] @comment.inclusive
