-- The language server, driven by Neovim without a screen: open, break, complete, mend, rename across files, format, and
-- random edits, after which the answers have to be those of a new server with the same text.
--
--     nvim --headless -u NONE -i NONE -l session.lua COMMAND FOLDER EDITS

local command, folder, edits = arg[1], arg[2], tonumber(arg[3])

local function read(name)
    local file = assert(io.open(folder .. '/' .. name))
    local text = file:read('*a')
    file:close()
    return text
end

local function start(name)
    return assert(vim.lsp.start({
        name = name,
        cmd = { command, 'lsp' },
        root_dir = folder,
        workspace_folders = { { uri = vim.uri_from_fname(folder), name = name } },
        flags = { debounce_text_changes = 0 },
    }, { bufnr = 0, reuse_client = function() return false end }))
end

local function open(name)
    vim.cmd.edit(folder .. '/' .. name)
    vim.bo.filetype = 'kdl'
    vim.bo.swapfile = false
    return vim.api.nvim_get_current_buf()
end

local function ask(client, buffer, method, params)
    params = params or {}
    params.textDocument = { uri = vim.uri_from_bufnr(buffer) }
    local answer, problem = client:request_sync(method, params, 60000, buffer)
    assert(answer, method .. ': ' .. tostring(problem))
    if answer.err then return answer.err end
    return answer.result
end

local function text(buffer)
    return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), '\n') .. '\n'
end

local function place(buffer, wanted, behind)
    for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, true)) do
        local at = line:find(wanted, 1, true)
        if at then return { line = number - 1, character = at - 1 + (behind or 0) } end
    end
    error(wanted .. ' is not there')
end

local function edit(buffer, old, new)
    local at = place(buffer, old)
    vim.api.nvim_buf_set_text(buffer, at.line, at.character, at.line, at.character + #old, { new })
end

local function codes(client, buffer)
    local found = {}
    for _, one in ipairs(ask(client, buffer, 'textDocument/diagnostic').items) do
        table.insert(found, one.code)
    end
    return table.concat(found, ' ')
end

local function equal(found, wanted)
    if not vim.deep_equal(found, wanted) then
        error('found ' .. vim.inspect(found) .. ', wanted ' .. vim.inspect(wanted), 2)
    end
end

local function session()
    local root = open('leastwise.kdl')
    local first = start('long')
    local things = open('things.kdl')
    assert(vim.lsp.buf_attach_client(things, first))
    local client = assert(vim.lsp.get_client_by_id(first))
    assert(vim.wait(20000, function() return client.initialized end, 10))
    equal(client.offset_encoding, 'utf-8')
    equal(codes(client, things), '')

    -- Break it: Neovim shows what is wrong.
    edit(things, 'key=notes-key', 'key=notes-k')
    assert(vim.wait(20000, function()
        local shown = vim.diagnostic.get(things)
        return #shown == 1 and shown[1].code == 'undeclared-name'
    end, 10), vim.inspect(vim.diagnostic.get(things)))

    -- Complete, and so mend it.
    local found = ask(client, things, 'textDocument/completion', { position = place(things, 'key=notes-k', 11) })
    equal(#found.items, 1)
    vim.lsp.util.apply_text_edits({ found.items[1].textEdit }, things, client.offset_encoding)
    equal(codes(client, things), '')
    assert(vim.wait(20000, function() return #vim.diagnostic.get(things) == 0 end, 10))

    -- Rename across files.
    local renaming = ask(client, things, 'textDocument/rename', {
        position = place(things, 'owner writers', 8),
        newName = 'authors',
    })
    vim.lsp.util.apply_workspace_edit(renaming, client.offset_encoding)
    for _, buffer in ipairs({ root, things }) do
        assert(text(buffer):find('authors') and not text(buffer):find('writers'), text(buffer))
    end
    equal(codes(client, things) .. codes(client, root), '')

    -- Hover, with letters of several bytes before it.
    edit(things, 'because "Notes', 'because "é𝄞 Notes')
    local hover = ask(client, things, 'textDocument/hover', { position = place(things, 'allow write', 7) })
    assert(hover.contents.value:find('s3:PutObject'), vim.inspect(hover))

    -- Format.
    local before = text(things)
    edit(things, 'key notes-key', 'key    notes-key')
    vim.lsp.buf.format({ bufnr = things, id = first, timeout_ms = 20000 })
    equal(text(things), before)
    return client, things
end

local pieces = {
    { '}' }, { '{' }, { '"' }, { '', '' }, { ' ' }, { ';' }, { 'trust ' }, { 'scribe' }, { '-> ' }, { 'notes' },
    { 'allow read' }, { 'because "x"' }, { '/*' }, { '*/' }, { '//' }, { 'key=' }, { 'notes-key' }, { 'bucket b1 { ' },
    { 'é' }, { '𝄞' }, { '#true' }, { '/-' }, { '\\' }, { 'workload w ' }, { 'a', 'b', 'c' },
}

local function boundary(line, at)
    -- Between letters, not inside one.
    while at > 0 and at < #line and line:byte(at + 1) >= 0x80 and line:byte(at + 1) < 0xc0 do
        at = at - 1
    end
    return at
end

local function random_edit(buffer, good)
    local kind = math.random(12)
    if kind == 1 then
        vim.api.nvim_buf_set_lines(buffer, 0, -1, true, good)
        return
    end
    local count = vim.api.nvim_buf_line_count(buffer)
    local row = math.random(count) - 1
    local line = vim.api.nvim_buf_get_lines(buffer, row, row + 1, true)[1]
    local from = boundary(line, math.random(0, #line))
    if kind < 6 then
        local last = math.min(count - 1, row + math.random(0, 1))
        local other = vim.api.nvim_buf_get_lines(buffer, last, last + 1, true)[1]
        local to = boundary(other, math.random(last == row and from or 0, #other))
        vim.api.nvim_buf_set_text(buffer, row, from, last, to, {})
    else
        vim.api.nvim_buf_set_text(buffer, row, from, row, from, pieces[math.random(#pieces)])
    end
end

local function answers(client, buffer)
    local count = vim.api.nvim_buf_line_count(buffer)
    local position = { line = math.floor(count / 2), character = 0 }
    return {
        ask(client, buffer, 'textDocument/diagnostic'),
        ask(client, buffer, 'textDocument/documentSymbol'),
        ask(client, buffer, 'textDocument/foldingRange'),
        ask(client, buffer, 'textDocument/semanticTokens/full'),
        ask(client, buffer, 'textDocument/completion', { position = position }),
        ask(client, buffer, 'textDocument/hover', { position = position }),
        ask(client, buffer, 'textDocument/definition', { position = position }),
    }
end

local function main()
    local long, things = session()
    local good = vim.api.nvim_buf_get_lines(things, 0, -1, true)
    math.randomseed(7)
    local wrong, compared = 0, 0
    for number = 1, edits do
        random_edit(things, good)
        if number % 20 == 0 then
            -- The editor's own loop has its turn.
            vim.wait(0)
        end
        if number % math.max(1, math.floor(edits / 5)) == 0 then
            local old = answers(long, things)
            vim.api.nvim_set_current_buf(things)
            local fresh = assert(vim.lsp.get_client_by_id(start('fresh')))
            assert(vim.wait(20000, function() return fresh.initialized end, 10))
            -- It has to hear of the other open file, too.
            for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
                if vim.api.nvim_buf_get_name(buffer):find('leastwise.kdl', 1, true) then
                    vim.lsp.buf_attach_client(buffer, fresh.id)
                end
            end
            local new = answers(fresh, things)
            for index = 1, 7 do
                compared = compared + 1
                if not vim.deep_equal(old[index], new[index]) then wrong = wrong + 1 end
            end
            fresh:stop()
            vim.wait(10000, function() return fresh:is_stopped() end, 10)
        end
    end
    assert(not long:is_stopped(), 'the server is gone')
    long:stop()
    assert(vim.wait(10000, function() return long:is_stopped() end, 10), 'the server does not leave')
    print(string.format('%d edits, %d answers compared, %d wrong\n', edits, compared, wrong))
    equal(wrong, 0)
    equal(compared, edits > 0 and 35 or 0)
end

local is_fine, problem = xpcall(main, debug.traceback)
if not is_fine then
    io.stderr:write(tostring(problem) .. '\n')
    os.exit(1)
end
os.exit(0)
