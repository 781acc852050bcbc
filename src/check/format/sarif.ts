import { createHash } from 'node:crypto';
import type * as sarif from 'sarif';
import type { Severity } from '../../policy/index.ts';
import type { CheckReport, Finding, SilencedFinding } from '../model.ts';
import { mergeFindings, type MergedFinding, mergeMore, mergeSilenced } from './merge.ts';
import { placeOf } from './place.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const LEVELS: Readonly<Record<Severity, sarif.Result.level>> = {
  error: 'error',
  warning: 'warning',
  note: 'note',
};
/** As GitHub's code scanning sorts results: from 7 on high, from 4 on medium, below low. */
const SECURITY: Readonly<Record<Severity, string>> = { error: '8.0', warning: '5.0', note: '2.0' };

export interface SarifOptions {
  /** What is checked, as it was named. */
  readonly name: string;
  /** Of pith. */
  readonly version: string;
}

/**
 * Static Analysis Results Interchange Format 2.1.0 (OASIS, errata 01): one run. Files of the image are relative to the base
 * `IMAGE`; places in the configuration are logical locations. Fingerprints are made of rule and place, so they are the same for
 * the next build of the image.
 */
export function formatSarif(report: CheckReport, { name, version }: SarifOptions): string {
  const ids = [...report.rules.map(({ id }) => id), ...new Set(report.policy.map(({ rule }) => rule))];
  const results: sarif.Result[] = [
    ...mergeFindings(report).map((merged) => resultOf(merged, ids, name)),
    ...mergeSilenced(report).map((merged) => ({
      ...resultOf(merged, ids, name),
      suppressions: [suppressionOf(merged.finding)],
    })),
  ];
  const notices: sarif.Notification[] = [...mergeMore(report)].map(([rule, count]) => ({
    level: 'warning',
    message: { text: `${count} more findings of ${rule} are not listed` },
    associatedRule: { id: rule, index: ids.indexOf(rule) },
  }));
  const log: sarif.Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'pith', semanticVersion: version, rules: ids.map((id) => ruleOf(id, report)) },
        },
        invocations: [
          {
            executionSuccessful: true,
            ...(notices.length > 0 ? { toolExecutionNotifications: notices } : {}),
          },
        ],
        originalUriBaseIds: { IMAGE: { description: { text: `The root of the file system of ${name}` } } },
        columnKind: 'utf16CodeUnits',
        results,
        properties: {
          images: report.images.map(({ platform, digest }) => ({ platform, digest })),
        },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf(id: string, { rules, policy }: CheckReport): sarif.ReportingDescriptor {
  const known = rules.find((rule) => rule.id === id);
  const severity = known?.severity ?? policy.find(({ rule }) => rule === id)?.severity ?? 'note';
  const title = known?.title ?? 'The policy is to be mended';
  return {
    id,
    shortDescription: { text: title },
    ...(known
      ? {
          fullDescription: { text: known.why },
          help: { text: `${known.why}\n\n${known.mend}`, markdown: `${known.why}\n\n${known.mend}` },
        }
      : {}),
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      tags: ['security', 'container'],
      'security-severity': SECURITY[severity],
      precision: 'high',
    },
  };
}

function resultOf({ finding, platforms }: MergedFinding, ids: readonly string[], name: string): sarif.Result {
  const { rule, severity, message } = finding;
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level: LEVELS[severity],
    message: { text: messageOf(message, placeOf(finding)) },
    locations: [locationOf(finding, name)],
    partialFingerprints: { 'pithPlace/v1': fingerprintOf(finding) },
    ...(platforms.length > 0 ? { properties: { platforms } } : {}),
  };
}

function messageOf(message: string, place: string): string {
  return place === '' ? message : `${place}: ${message}`;
}

function locationOf({ path, line, layer, field }: Finding, name: string): sarif.Location {
  const uri = (path ?? name).split('/').map(encodePart).join('/');
  const logical = [
    ...(field === undefined ? [] : [{ fullyQualifiedName: field, kind: 'member' }]),
    ...(layer === undefined ? [] : [{ fullyQualifiedName: `layer ${layer + 1}`, kind: 'module' }]),
  ];
  return {
    physicalLocation: {
      artifactLocation: { uri, ...(path === undefined ? {} : { uriBaseId: 'IMAGE' }) },
      ...(line === undefined ? {} : { region: { startLine: line } }),
    },
    ...(logical.length > 0 ? { logicalLocations: logical } : {}),
  };
}

/** One part of a path in a URI; `:` would make a scheme of the first one. */
function encodePart(part: string): string {
  return encodeURIComponent(part.toWellFormed());
}

function suppressionOf({ reason, by, until }: SilencedFinding): sarif.Suppression {
  const end = until === undefined ? '' : ` (until ${until})`;
  return {
    kind: by === 'image' ? 'inSource' : 'external',
    status: 'accepted',
    justification: `${reason}${end}`,
  };
}

/** What does not change with versions, layers and sizes. */
function fingerprintOf({ rule, path, field, line }: Finding): string {
  return createHash('sha256')
    .update(JSON.stringify([rule, path, field, line]))
    .digest('hex');
}
