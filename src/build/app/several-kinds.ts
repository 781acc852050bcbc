import { basename } from 'node:path';
import type { Application, ApplicationKind } from '../../app/index.ts';
import { PithError } from '../../core/index.ts';

/** A folder that could be several things: who asked has to choose a kind. */
export class SeveralKinds extends PithError {
  readonly choices: readonly { readonly kind: ApplicationKind; readonly title: string }[];

  /** @param location absolute path of the folder */
  constructor(location: string, applications: readonly Application[]) {
    const choices = applications.map(({ kind, title }) => ({ kind, title }));
    super(
      'APP_INVALID',
      `${basename(location)} could be several things: ${choices.map(({ title, kind }) => `${title} (${kind})`).join(', ')}`,
      {
        path: location,
        hint: `Say which with \`--kind ${choices[0]?.kind ?? 'files'}\`, or \`kind\` in the definition.`,
      },
    );
    this.choices = choices;
  }
}
