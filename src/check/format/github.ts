import type { Severity } from '../../policy/index.ts';
import type { CheckReport } from '../model.ts';
import { showText } from '../show.ts';
import { mergeFindings, mergeMore } from './merge.ts';
import { placeOf } from './place.ts';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/**
 * Annotations of a workflow of GitHub Actions ("Workflow commands", `::error title=…::…`), a line a finding. They name the file
 * of the image in the message and not as `file`, which is one of the repository.
 * @param file of the repository that annotations are shown at: the definition or Dockerfile
 */
export function formatGithub(report: CheckReport, { name, file }: { name: string; file?: string }): string {
  const lines = mergeFindings(report).map(({ finding, platforms }) => {
    const { severity, rule, message } = finding;
    const place = placeOf(finding);
    const some =
      platforms.length < report.images.length && platforms.length > 0 ? ` [${platforms.join(', ')}]` : '';
    const properties = [...(file === undefined ? [] : [['file', file]]), ['title', rule]];
    const text = `${name}: ${place === '' ? '' : `${place}: `}${message}${some}`;
    return `::${COMMANDS[severity]} ${properties.map(([key = '', value = '']) => `${key}=${escapeProperty(value)}`).join(',')}::${escapeData(text)}`;
  });
  for (const [rule, count] of mergeMore(report))
    lines.push(
      `::notice title=${escapeProperty(rule)}::${escapeData(`${name}: and ${count} more findings of ${rule}`)}`,
    );
  return lines.map((line) => `${line}\n`).join('');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(showText(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
