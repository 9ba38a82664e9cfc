; What is selected, and where the cursor jumps to.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

(node) @function.outer

(node_children) @function.inner

(node_children) @block.outer

(node_field) @parameter.inner

(node_field) @parameter.outer

[
  (single_line_comment)
  (multi_line_comment)
] @comment.outer
