; What folds.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

[
  (node_children)
  (multi_line_comment)
] @fold
