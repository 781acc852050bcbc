import type { ToolFact } from '../facts.ts';

interface ScriptTool extends Pick<ToolFact, 'category' | 'tool'> {
  /** Last part of the path. */
  readonly name: RegExp;
  readonly interpreter: RegExp;
  /** What the first bytes of the script say; a script that says something else only has the same name. */
  readonly text: RegExp;
}

const [PYTHON, PERL, NODE, RUBY, SHELL] = [/python/, /perl/, /node/, /ruby/, /sh$|sh /];

const TOOLS: readonly ScriptTool[] = [
  {
    category: 'package-manager',
    tool: 'dnf',
    name: /^dnf(?:-3)?$/,
    interpreter: PYTHON,
    text: /dnf\.cli|from dnf/,
  },
  {
    category: 'package-manager',
    tool: 'yum',
    name: /^yum(?:-deprecated)?$/,
    interpreter: PYTHON,
    text: /yummain|dnf\.cli/,
  },
  {
    category: 'package-manager',
    tool: 'apt',
    name: /^(?:add-apt-repository|apt-add-repository)$/,
    interpreter: PYTHON,
    text: /softwareproperties/,
  },
  {
    category: 'language-package-manager',
    tool: 'pip',
    name: /^pip[\d.]*$/,
    interpreter: PYTHON,
    text: /pip\._internal|from pip\b/,
  },
  {
    category: 'language-package-manager',
    tool: 'npm',
    name: /^(?:npm|npx)-cli\.js$/,
    interpreter: NODE,
    text: /cli/,
  },
  {
    category: 'language-package-manager',
    tool: 'corepack',
    name: /^corepack\.js$/,
    interpreter: NODE,
    text: /corepack/,
  },
  {
    category: 'language-package-manager',
    tool: 'yarn',
    name: /^yarn(?:\.js)?$/,
    interpreter: NODE,
    text: /[Yy]arn|cli/,
  },
  {
    category: 'language-package-manager',
    tool: 'pnpm',
    name: /^pnpm\.c?js$/,
    interpreter: NODE,
    text: /pnpm/,
  },
  {
    category: 'language-package-manager',
    tool: 'gem',
    name: /^gem[\d.]*$/,
    interpreter: RUBY,
    text: /[Gg]em_?[Rr]unner/,
  },
  {
    category: 'language-package-manager',
    tool: 'cpan',
    name: /^cpan[\d.]*$/,
    interpreter: PERL,
    text: /App::Cpan/,
  },
  {
    category: 'network',
    tool: 'lwp-request',
    name: /^(?:lwp-request|GET|HEAD|POST)$/,
    interpreter: PERL,
    text: /LWP::/,
  },
  { category: 'debugger', tool: 'perf', name: /^perf$/, interpreter: SHELL, text: /exec_perf/ },
];

/** The tool that a script is, by its interpreter, its name and its first bytes together. */
export function scriptTool(path: string, interpreter: string, text: string): ToolFact | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const found = TOOLS.find(
    (tool) => tool.name.test(name) && tool.interpreter.test(interpreter) && tool.text.test(text),
  );
  return found && { kind: 'tool', category: found.category, tool: found.tool };
}
