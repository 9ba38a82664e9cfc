-- What the test of Neovim asks it: `nvim --clean --headless -u THIS`. Prints one line of JSON for each file that is named in FILES.
local editors = os.getenv('EDITORS')
vim.opt.runtimepath:prepend(editors .. '/neovim')
vim.opt.runtimepath:prepend(os.getenv('PARSERS'))
vim.cmd('filetype plugin indent on')
vim.cmd('runtime! ftdetect/*.lua')
vim.lsp.enable('leastwise')

vim.api.nvim_create_autocmd('VimEnter', {
  nested = true,
  callback = function()
    for file in vim.gsplit(os.getenv('FILES'), ':') do
      local begun = vim.uv.hrtime()
      vim.cmd.edit(vim.fn.fnameescape(file))
      local buffer = vim.api.nvim_get_current_buf()
      local answer = { file = file, filetype = vim.bo.filetype, comment = vim.bo.commentstring, fold = vim.wo.foldexpr }
      local highlighter = vim.treesitter.highlighter.active[buffer]
      if highlighter then
        answer.language = highlighter.tree:lang()
        vim.treesitter.get_parser(buffer):parse(true)
        answer.captures = {}
        for _, capture in ipairs(vim.treesitter.get_captures_at_pos(buffer, 0, 0)) do
          table.insert(answer.captures, capture.capture)
        end
      end
      answer.milliseconds = (vim.uv.hrtime() - begun) / 1e6
      answer.server = vim.lsp.is_enabled and vim.lsp.is_enabled('leastwise')
      answer.command = vim.lsp.config.leastwise.cmd
      local root = vim.fs.root(buffer, vim.lsp.config.leastwise.root_markers)
      answer.root = root and vim.fs.basename(root) or nil
      io.stdout:write(vim.json.encode(answer) .. '\n')
    end
    vim.cmd('qall!')
  end,
})
