import type { Fault, Rule } from '../model.ts';
import { secretIn, tokenIn } from '../secret-names.ts';
import { showText } from '../show.ts';
import type { Subject } from '../subject.ts';

/** `NAME=VALUE`, in quotes or not, anywhere in a step of the history. */
const ASSIGNMENT = /(?:^|[\s|])([A-Za-z_][A-Za-z0-9_.-]{0,100})=(?:"([^"]*)"|'([^']*)'|(\S*))/g;
/** Longer steps are looked at in part. */
const MAX_STEP = 64 << 10;

export const SECRET_RULES: readonly Rule[] = [
  {
    id: 'secret-in-file',
    severity: 'error',
    title: 'A file holds a secret',
    why: 'Whoever gets the image has the key or token. A later layer that deletes the file does not take it out of the image.',
    mend: 'Give the secret to the container when it runs, or to the build as a secret mount (`RUN --mount=type=secret`). Make the secret invalid: others may have it already.',
    *find(subject) {
      const { contents, tree } = subject.view;
      for (const [layer, { entries, facts }] of contents.layers.entries())
        for (const [at, found] of facts)
          for (const fact of found) {
            if (fact.kind !== 'secrets') continue;
            const path = entries.path(at);
            const id = tree.find(path);
            const isThere = id !== undefined && tree.layer(id) === layer && tree.entryNumber(id) === at;
            for (const { type, line, hint } of fact.secrets)
              yield {
                message: `${showText(type.replaceAll('-', ' '))}: ${showText(hint)}${isThere ? '' : '; a later layer hides the file, but does not remove it from the image'}`,
                path,
                line,
                layer,
              };
          }
    },
  },
  {
    id: 'secret-in-variable',
    severity: 'error',
    title: 'A variable or label holds a secret',
    why: 'The configuration of an image is public to all who may pull it, and engines show it to all who may look at containers.',
    mend: 'Set the variable when the container is started, from a secret of the engine. Make the secret invalid: others may have it already.',
    *find(subject) {
      for (const [name, value] of subject.env) {
        const what = secretIn(name, value);
        if (what !== undefined) yield inField('variable', name, what, 'config.Env');
      }
      for (const [name, value] of Object.entries(subject.run.Labels ?? {})) {
        const what = secretIn(name, value);
        if (what !== undefined) yield inField('label', name, what, 'config.Labels');
      }
    },
  },
  {
    id: 'secret-in-history',
    severity: 'error',
    title: 'The history holds a secret',
    why: 'Build arguments and commands stand in the history of an image for everybody to read, also those of stages whose files are long gone.',
    mend: 'Give secrets to the build as secret mounts (`RUN --mount=type=secret`), not as arguments. Make the secret invalid: others may have it already.',
    *find(subject) {
      for (const [step, { created_by: text = '' }] of (subject.view.image.config.history ?? []).entries())
        yield* inStep(subject, text.slice(0, MAX_STEP), step);
    },
  },
];

function inField(kind: string, name: string, what: string, field: string): Fault {
  return { message: `the ${kind} ${showText(name)} holds ${what}`, field: `${field}.${showText(name)}` };
}

/** What the configuration has as a variable is told there. */
function* inStep({ env }: Subject, text: string, step: number): Generator<Fault> {
  const field = `history.${step}.created_by`;
  let rest = text;
  for (const [all, name = '', double, single, plain] of text.matchAll(ASSIGNMENT)) {
    const value = double ?? single ?? plain ?? '';
    const what = secretIn(name, value);
    if (what === undefined) continue;
    rest = rest.replace(all, ' ');
    if (env.get(name) !== value) yield { message: `step ${step + 1} sets ${showText(name)}: ${what}`, field };
  }
  const token = tokenIn(rest);
  if (token !== undefined) yield { message: `step ${step + 1} holds ${token}`, field };
}
