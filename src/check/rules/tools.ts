import type { ToolFact } from '../../inspect/index.ts';
import type { Severity } from '../../policy/index.ts';
import type { Rule } from '../model.ts';
import { showText } from '../show.ts';

interface ToolKind {
  readonly category: ToolFact['category'];
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly why: string;
  readonly mend: string;
}

const LEAVE_OUT =
  'Leave it out, or build on an image that does not have it: copy only what the application needs into the last stage.';

const KINDS: readonly ToolKind[] = [
  {
    category: 'shell',
    id: 'shell',
    severity: 'error',
    title: 'A shell is in the image',
    why: 'Whoever can make the application start a program has a shell to work with, and most exploits expect one. An application does not need it.',
    mend: `${LEAVE_OUT} Look around with the debug variant of the image, or with a debug container.`,
  },
  {
    category: 'package-manager',
    id: 'package-manager',
    severity: 'error',
    title: 'A package manager is in the image',
    why: 'It fetches and installs whatever an intruder likes, and an image that is changed while it runs is not the one that was checked.',
    mend: LEAVE_OUT,
  },
  {
    category: 'network',
    id: 'network-tool',
    severity: 'warning',
    title: 'A network tool is in the image',
    why: 'It loads further programs into the container and data out of it.',
    mend: `${LEAVE_OUT} For health checks, ask the application itself or use \`healthcheck:\` of a definition.`,
  },
  {
    category: 'privilege',
    id: 'privilege-tool',
    severity: 'warning',
    title: 'A tool that changes users is in the image',
    why: 'It is there to get other rights than the application has.',
    mend: 'Leave it out: the engine starts the application as the user of the image.',
  },
  {
    category: 'debugger',
    id: 'debugger',
    severity: 'warning',
    title: 'A debugger is in the image',
    why: 'It reads the memory of the application, with all keys and passwords in it.',
    mend: `${LEAVE_OUT} Debug with a debug container that shares the processes of this one.`,
  },
  {
    category: 'compiler',
    id: 'compiler',
    severity: 'warning',
    title: 'A compiler is in the image',
    why: 'It makes programs out of what an intruder can send as text, and it is large.',
    mend: 'Compile in a stage of its own and copy the result.',
  },
  {
    category: 'editor',
    id: 'editor',
    severity: 'note',
    title: 'An editor is in the image',
    why: 'Nobody edits files in an image; many editors start shells.',
    mend: LEAVE_OUT,
  },
];

export const TOOL_RULES: readonly Rule[] = KINDS.map(({ category, ...rule }) => ({
  ...rule,
  *find({ view }) {
    for (const { path, layer, fact } of view.found('tool'))
      if (fact.category === category) yield { message: `this is ${showText(fact.tool)}`, path, layer };
  },
}));
