; What is declared, for the outline.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

((node
  .
  (_) @context
  .
  (_ (value (string) @name))) @item
  (#any-of? @context
    "account" "authority" "baseline" "job" "kind" "network" "posture" "profile" "project" "provider" "site" "team"
    "watch" "capability" "param" "property" "segment" "balancer" "bucket" "database" "device" "external"
    "function" "key" "listener" "local-topic" "log-group" "parameter" "people" "queue" "rule" "secret" "stream"
    "table" "timeseries" "topic" "workload"))

; A trust, by both of its ends; a promise, a test, by what stands first.
((node
  .
  (_) @context
  .
  (_ (value (string) @name))
  .
  (_ (value (string) @name))
  .
  (_ (value (string) @name))) @item
  (#any-of? @context "trust" "never"))

((node
  .
  (_) @context
  .
  (_ (value (string) @name))) @item
  (#any-of? @context "apply" "isolate" "limit" "require" "test" "waive"))
