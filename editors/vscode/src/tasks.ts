// Tasks: `leastwise check`, `compile` and `test`, of each project in the workspace. Matchers in package.json read what they print.
import { dirname } from 'node:path';
import * as vscode from 'vscode';

const COMMANDS = ['check', 'compile', 'test'];
/** How many projects of a workspace have tasks of their own. */
const PROJECTS_MAX = 50;

interface Definition extends vscode.TaskDefinition {
  command: string;
  project?: string;
}

export function provideTasks(): vscode.TaskProvider {
  return {
    async provideTasks() {
      const projects = await vscode.workspace.findFiles('**/leastwise.kdl', '**/{node_modules,out,target}/**', PROJECTS_MAX);
      return projects.flatMap((file) => {
        const folder = vscode.workspace.getWorkspaceFolder(file);
        if (!folder) return [];
        const project = vscode.workspace.asRelativePath(dirname(file.fsPath), false);
        return COMMANDS.map((command) => task({ type: 'leastwise', command, project }, folder));
      });
    },
    resolveTask(asked) {
      const folder = typeof asked.scope === 'object' ? asked.scope : vscode.workspace.workspaceFolders?.[0];
      return folder && task(asked.definition as Definition, folder);
    },
  };
}

function task(definition: Definition, folder: vscode.WorkspaceFolder): vscode.Task {
  const program = vscode.workspace.getConfiguration('leastwise').get<string>('path', 'leastwise');
  // A path that is the folder of the workspace itself is told in full.
  const project = definition.project && definition.project !== folder.uri.fsPath ? definition.project : '.';
  // It runs in the project's folder: the places that it prints are told from there.
  const cwd = vscode.Uri.joinPath(folder.uri, project).fsPath;
  const matchers = matchersOf(vscode.extensions.getExtension('leastwise.leastwise')?.packageJSON);
  const made = new vscode.Task(
    definition,
    folder,
    project === '.' ? definition.command : `${definition.command} ${project}`,
    'leastwise',
    new vscode.ProcessExecution(program, [definition.command], { cwd }),
    matchers,
  );
  made.group = definition.command === 'test' ? vscode.TaskGroup.Test : vscode.TaskGroup.Build;
  return made;
}

function matchersOf(manifest: { contributes?: { problemMatchers?: { name: string }[] } } | undefined): string[] {
  return (manifest?.contributes?.problemMatchers ?? []).map((matcher) => `$${matcher.name}`);
}
