// The view of who reaches what: it asks the server about the place of the cursor, and lists what it says.
import * as vscode from 'vscode';
import type { CallHierarchyIncomingCall, CallHierarchyItem, LanguageClient, Location, Range } from 'vscode-languageclient/node';

/** What the server answers to `leastwise/whoReaches`. */
interface Answer {
  title: string;
  subjects: Subject[];
}

interface Subject {
  name: string;
  detail: string;
  uri: Location['uri'];
  range: Range;
}

/** How long the cursor stands still before the server is asked. */
const STILL_MILLISECONDS = 250;

/** What a server answers to a request that it does not have. */
const METHOD_NOT_FOUND = -32601;

/** What the server says; one without the request of its own is asked for the callers, as it tells reachability to every editor. */
async function answerOf(client: LanguageClient, place: object): Promise<Answer | null> {
  try {
    return await client.sendRequest<Answer | null>('leastwise/whoReaches', place);
  } catch (error) {
    if ((error as { code?: number }).code !== METHOD_NOT_FOUND) throw error;
  }
  const items = await client.sendRequest<CallHierarchyItem[] | null>('textDocument/prepareCallHierarchy', place);
  const item = items?.[0];
  if (!item) return null;
  const calls = await client.sendRequest<CallHierarchyIncomingCall[] | null>('callHierarchy/incomingCalls', { item });
  return {
    title: item.name,
    subjects: (calls ?? []).map(({ from }) => ({ name: from.name, detail: from.detail ?? '', uri: from.uri, range: from.selectionRange })),
  };
}

export class WhoReaches implements vscode.TreeDataProvider<Subject | string> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private answer: Answer | undefined;
  private waiting: NodeJS.Timeout | undefined;
  private asked = 0;

  constructor(private readonly client: () => LanguageClient | undefined) {}

  /** Asks when the cursor stands still in a spec. */
  follow(editor: vscode.TextEditor): void {
    clearTimeout(this.waiting);
    if (editor.document.languageId !== 'leastwise') return;
    this.waiting = setTimeout(() => void this.ask(editor), STILL_MILLISECONDS);
  }

  /** Asks now, and brings the view to the front. */
  async show(editor: vscode.TextEditor | undefined): Promise<void> {
    if (!editor) return;
    await this.ask(editor);
    await vscode.commands.executeCommand('leastwise.whoReaches.focus');
  }

  private async ask(editor: vscode.TextEditor): Promise<void> {
    const client = this.client();
    if (!client?.isRunning()) return;
    this.asked += 1;
    const number = this.asked;
    const answer = await answerOf(client, {
      textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(editor.document),
      position: client.code2ProtocolConverter.asPosition(editor.selection.active),
    }).catch(() => null);
    // An answer that comes late is about another place.
    if (number !== this.asked) return;
    this.answer = answer ?? undefined;
    this.changed.fire();
  }

  getChildren(parent?: Subject | string): (Subject | string)[] {
    if (!this.answer) return [];
    if (parent === undefined) return [this.answer.title];
    return typeof parent === 'string' ? this.answer.subjects : [];
  }

  getTreeItem(element: Subject | string): vscode.TreeItem {
    if (typeof element === 'string') {
      return new vscode.TreeItem(element, vscode.TreeItemCollapsibleState.Expanded);
    }
    const item = new vscode.TreeItem(element.name);
    item.description = element.detail;
    item.tooltip = `${element.name}: ${element.detail}`;
    const { start, end } = element.range;
    const selection = new vscode.Range(start.line, start.character, end.line, end.character);
    item.command = {
      command: 'vscode.open',
      title: 'Open',
      arguments: [vscode.Uri.parse(element.uri), { selection } satisfies vscode.TextDocumentShowOptions],
    };
    return item;
  }
}
