import { baseOf } from './paths.ts';

const SECRETS = new Set(['.npmrc', '.yarnrc', '.yarnrc.yml', '.pypirc', '.netrc', '.git-credentials']);
const TOOL_FILES =
  /^(?:\.git(?:ignore|attributes|modules|keep)|\.dockerignore|\.editorconfig|\.DS_Store|Dockerfile(?:\..+)?|(?:docker-)?compose(?:\..+)?\.ya?ml|pith\.(?:yaml|lock))$/;
const TOOL_FOLDERS = new Set([
  '.git',
  '.hg',
  '.svn',
  '.github',
  '.gitlab',
  '.circleci',
  '.vscode',
  '.idea',
  '.husky',
]);

/**
 * Why a file of an application is no part of its image: it may hold secrets (a container gets them when it runs), or serves
 * only those who write the application. Not for the files of dependencies, which are packed as they were installed.
 */
export function whyLeftOut(path: string): 'secret' | 'tool' | undefined {
  const name = baseOf(path);
  if (/^\.env\.(?:example|sample|template|dist)$/.test(name)) return 'tool';
  if (name === '.env' || name.startsWith('.env.') || SECRETS.has(name)) return 'secret';
  if (TOOL_FILES.test(name)) return 'tool';
  return path.split('/').some((part) => TOOL_FOLDERS.has(part)) ? 'tool' : undefined;
}

/** What was left out for reasons that the user should know. */
export class LeftOut {
  readonly #secrets: string[] = [];
  readonly #ignored: string[] = [];

  addSecret(path: string): void {
    this.#secrets.push(path);
  }

  addIgnored(path: string): void {
    this.#ignored.push(path);
  }

  notes(): string[] {
    return [
      ...(this.#secrets.length === 0
        ? []
        : [
            `${list(this.#secrets)} ${this.#secrets.length === 1 ? 'is' : 'are'} left out, for there may be secrets in it: give the container its variables when it runs`,
          ]),
      ...(this.#ignored.length === 0
        ? []
        : [`left out because git ignores it: ${list([...new Set(this.#ignored.map(topOf))])}`]),
    ];
  }
}

/** Up to three names, and how many more there are. */
export function list(names: readonly string[], most = 3): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

function topOf(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? path : path.slice(0, slash + 1);
}
