-- A spec is a KDL file at or below a folder with `leastwise.kdl`. Any other KDL file stays what it was.
vim.filetype.add({
  filename = { ['leastwise.kdl'] = 'leastwise' },
  extension = {
    kdl = function(path)
      return vim.fs.root(path, 'leastwise.kdl') and 'leastwise' or 'kdl'
    end,
  },
})
