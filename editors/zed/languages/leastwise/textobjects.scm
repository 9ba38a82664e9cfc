; What is selected, and where the cursor jumps to.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

(node) @function.around

(node_children "{" (_)* @function.inside "}")

[
  (single_line_comment)
  (multi_line_comment)
]+ @comment.around
