-- How Neovim 0.11 and later start the language server: `vim.lsp.enable('leastwise')` turns it on.
---@type vim.lsp.Config
return {
  cmd = { 'leastwise', 'lsp' },
  filetypes = { 'leastwise' },
  root_markers = { 'leastwise.kdl' },
  -- Without a project there is nothing to say.
  workspace_required = true,
}
