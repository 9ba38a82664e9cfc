// The client: it starts `leastwise lsp`, tells which files are specs, offers tasks, and shows who reaches what.
// It decides nothing about a spec; whatever it shows, the server says.
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node';
import { isOfProject } from './project';
import { provideTasks } from './tasks';
import { WhoReaches } from './whoReaches';

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const adopt = (document: vscode.TextDocument) => {
    if (document.languageId !== 'leastwise' && document.uri.scheme === 'file' && isOfProject(document.uri.fsPath, existsSync)) {
      void vscode.languages.setTextDocumentLanguage(document, 'leastwise');
    }
  };
  vscode.workspace.textDocuments.forEach(adopt);
  context.subscriptions.push(vscode.workspace.onDidOpenTextDocument(adopt));

  const view = new WhoReaches(() => client);
  context.subscriptions.push(
    vscode.window.createTreeView('leastwise.whoReaches', { treeDataProvider: view }),
    vscode.window.onDidChangeTextEditorSelection((event) => view.follow(event.textEditor)),
    vscode.commands.registerCommand('leastwise.whoReaches', () => view.show(vscode.window.activeTextEditor)),
    vscode.commands.registerCommand('leastwise.restart', () => start()),
    vscode.tasks.registerTaskProvider('leastwise', provideTasks()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => start()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('leastwise.path')) void start();
    }),
  );
  await vscode.commands.executeCommand('setContext', 'leastwise.isActive', true);
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.dispose();
}

async function start(): Promise<void> {
  await client?.dispose();
  client = undefined;
  // A setting of the workspace may name any program: it is started only where people said that they trust it.
  if (!vscode.workspace.isTrusted) return;
  const command = vscode.workspace.getConfiguration('leastwise').get<string>('path', 'leastwise');
  const first = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  client = new LanguageClient(
    'leastwise',
    'Leastwise',
    { command, args: ['lsp'], options: first === undefined ? {} : { cwd: first } },
    {
      documentSelector: [{ language: 'leastwise', scheme: 'file' }],
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher('**/*.{kdl,csv,ndjson,json,lock}') },
    },
  );
  try {
    await client.start();
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`\`${command} lsp\` does not start: ${what}. The setting leastwise.path names the command.`);
  }
}
