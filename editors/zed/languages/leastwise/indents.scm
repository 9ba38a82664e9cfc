; How deep a line stands.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

(node_children "{" "}" @end) @indent
