-- Options of a buffer with a spec, and its colours.
vim.bo.commentstring = '// %s'
vim.bo.comments = ':///,://'
vim.bo.expandtab = true
vim.bo.shiftwidth = 4
vim.bo.softtabstop = 4
vim.opt_local.iskeyword:append('-')

-- The parser is that of KDL, under a name of our own: so our queries colour specs, and no other KDL file.
local parser = vim.api.nvim_get_runtime_file('parser/kdl.*', false)[1]
if parser and pcall(vim.treesitter.language.add, 'leastwise', { path = parser, symbol_name = 'kdl' }) then
  if pcall(vim.treesitter.start, 0, 'leastwise') then
    vim.wo[0][0].foldmethod = 'expr'
    vim.wo[0][0].foldexpr = 'v:lua.vim.treesitter.foldexpr()'
    vim.wo[0][0].foldlevel = 99
  end
end
