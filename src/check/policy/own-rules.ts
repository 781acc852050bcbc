import { type Condition, type OwnRule, parseBound, parseSize } from '../../policy/index.ts';
import type { Fault, Rule } from '../model.ts';
import { filesOf } from '../files.ts';
import { showList, showSize, showText } from '../show.ts';
import type { Subject } from '../subject.ts';
import { nameMatcher, pathMatcher } from './patterns.ts';
import { isWithin } from './versions.ts';

/** A rule of a policy as pith's own are. */
export function ownRule(own: OwnRule): Rule {
  const { id, severity = 'error', forbid, require: required, maxSize, licences } = own;
  const title = titleOf(own);
  return {
    id,
    severity,
    title,
    why: own.why ?? 'The policy says so.',
    mend: own.mend ?? 'Make the image as the policy wants it, or change the policy.',
    *find(subject) {
      if (forbid)
        for (const { what, ...place } of matchesOf(forbid, subject))
          yield { message: `${what} must not be there`, ...place };
      if (required) {
        const [match] = matchesOf(required, subject);
        if (!match) yield { message: `${textOf(required)} has to be there`, ...fieldOf(required) };
      }
      if (maxSize !== undefined) yield* checkSize(subject, parseSize(maxSize) ?? 0);
      if (licences) yield* checkLicences(subject, licences);
    },
  };
}

/** Something that a condition wants, and where. */
type Match = Omit<Fault, 'message'> & { readonly what: string };

function* matchesOf(condition: Condition, subject: Subject): Generator<Match> {
  const { path, package: name, version, label, matches = '*', user } = condition;
  const { view, packages, run } = subject;
  const { tree } = view;
  if (path !== undefined) {
    const isMatch = pathMatcher([path]);
    for (const id of filesOf(tree))
      if (isMatch(tree.path(id))) yield { what: 'this', path: tree.path(id), layer: tree.layer(id) };
  }
  if (name !== undefined) {
    const isMatch = nameMatcher([name]);
    const bound = version === undefined ? undefined : parseBound(version);
    for (const one of packages)
      if (isMatch(one.name) && (!bound || isWithin(one, bound)))
        yield {
          what: `the package ${showText(one.name)} ${showText(one.version)}`,
          path: one.path,
          layer: one.layer,
        };
  }
  if (label !== undefined) {
    const value = run.Labels?.[label];
    if (value !== undefined && nameMatcher([matches])(value))
      yield { what: `the label ${label} (${showText(value)})`, field: `config.Labels.${label}` };
  }
  const configured = run.User ?? '';
  if (user !== undefined && nameMatcher([user])(configured))
    yield { what: `the user ${showText(configured === '' ? '(none)' : configured)}`, field: 'config.User' };
}

function* checkSize({ view: { tree } }: Subject, most: number): Generator<Fault> {
  const { bytes } = tree.totals();
  const size = bytes[tree.root] ?? 0;
  if (size > most)
    yield {
      message: `the files of the image have ${showSize(size)}, ${showSize(size - most)} more than ${showSize(most)}`,
    };
}

function* checkLicences({ packages }: Subject, allowed: readonly string[]): Generator<Fault> {
  const isAllowed = nameMatcher(allowed);
  for (const { name, version, licences, path, layer } of packages) {
    const other = licences.filter((licence) => !isAllowed(licence) && !isExpressionOf(licence, isAllowed));
    if (other.length > 0)
      yield { message: `${showText(name)} ${showText(version)} is under ${showList(other)}`, path, layer };
  }
}

/** Whether an SPDX expression allows a choice of what is allowed, or joins only such: `MIT OR GPL-2.0-only`. */
function isExpressionOf(expression: string, isAllowed: (licence: string) => boolean): boolean {
  if (/[()]/.test(expression)) return false;
  return expression
    .split(/\s+OR\s+/i)
    .some((choice) => choice.split(/\s+AND\s+/i).every((licence) => isAllowed(licence.trim())));
}

function titleOf({ id, forbid, require: required, maxSize, licences }: OwnRule): string {
  if (forbid) return `${textOf(forbid)} must not be there`;
  if (required) return `${textOf(required)} has to be there`;
  if (maxSize !== undefined) return `The image has at most ${maxSize}`;
  return licences ? `All packages are under ${licences.join(', ')}` : id;
}

function textOf({ path, package: name, version, label, matches, user }: Condition): string {
  if (path !== undefined) return `A file ${path}`;
  if (name !== undefined) return `A package ${name}${version === undefined ? '' : ` ${version}`}`;
  if (label !== undefined) return `A label ${label}${matches === undefined ? '' : ` like ${matches}`}`;
  return `A user ${user ?? ''}`;
}

function fieldOf({ label, user }: Condition): { field?: string } {
  if (label !== undefined) return { field: `config.Labels.${label}` };
  return user === undefined ? {} : { field: 'config.User' };
}
