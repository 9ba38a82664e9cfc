; Notes in comments.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

((single_line_comment) @injection.content
  (#set! injection.language "comment"))

((multi_line_comment) @injection.content
  (#set! injection.language "comment"))
