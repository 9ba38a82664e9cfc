; How deep a line stands.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

(node_children) @indent.begin

(node_children "}" @indent.branch @indent.end)

(multi_line_comment) @indent.ignore

(multi_line_string) @indent.ignore
