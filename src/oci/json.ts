import { PithError } from '../core/index.ts';

/** A value of a JSON document with its place, for checks that say where they failed. */
export interface Place {
  readonly value: unknown;
  /** Name of the document and the JSON path, such as `image manifest: $.layers[2].size`. */
  readonly at: string;
}

type Check<Result> = (place: Place) => Result;
export type Members = Record<string, unknown>;

/** Reads the bytes of a document (UTF-8, `limit` bytes at most). Every fault, here and below, is IMAGE_INVALID. */
export function openJson(bytes: Uint8Array, what: string, limit: number): Place {
  if (bytes.length > limit)
    throw invalid(`${what} has ${bytes.length} bytes, more than the ${limit} that are allowed`);
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), at: `${what}: $` };
  } catch (error) {
    throw invalid(`${what} is not JSON in UTF-8`, error);
  }
}

/** Says that the value of a place is not what it must be. */
export function wrong({ value, at }: Place, expected: string): PithError {
  return invalid(`${at} is ${show(value)}; ${expected} belongs there`);
}

/** The members of an object. Members that are null are taken as absent, as Go programs write them. */
export function asObject(place: Place): Members {
  const { value } = place;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(place, 'an object');
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

export function asText(place: Place): string {
  if (typeof place.value !== 'string') throw wrong(place, 'a text');
  return place.value;
}

export function asBoolean(place: Place): boolean {
  if (typeof place.value !== 'boolean') throw wrong(place, 'true or false');
  return place.value;
}

/** A whole number from 0 to 2^53-1. */
export function asCount(place: Place): number {
  const { value } = place;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw wrong(place, 'a whole number, 0 or more,');
  return value;
}

export function listOf<Item>(check: Check<Item>): Check<Item[]> {
  return (place) => {
    if (!Array.isArray(place.value)) throw wrong(place, 'a list');
    return place.value.map((value: unknown, i) => check({ value, at: `${place.at}[${i}]` }));
  };
}

export function recordOf<Item>(check: Check<Item>): Check<Record<string, Item>> {
  return (place) => {
    const members = asObject(place);
    return Object.fromEntries(Object.keys(members).map((key) => [key, check(member(place, members, key))]));
  };
}

/** A member that must be there. */
export function required<Result>(place: Place, members: Members, key: string, check: Check<Result>): Result {
  if (!Object.hasOwn(members, key)) throw invalid(`${step(place.at, key)} is missing`);
  return check(member(place, members, key));
}

/** Checks of members that may be absent: gives those that are there. */
export function optional<Checks extends Readonly<Record<string, Check<unknown>>>>(
  place: Place,
  members: Members,
  checks: Checks,
): { [Key in keyof Checks]?: ReturnType<Checks[Key]> } {
  const found = Object.keys(checks).filter((key) => Object.hasOwn(members, key));
  return Object.fromEntries(found.map((key) => [key, checks[key]?.(member(place, members, key))])) as {
    [Key in keyof Checks]?: ReturnType<Checks[Key]>;
  };
}

export function invalid(message: string, cause?: unknown): PithError {
  return new PithError('IMAGE_INVALID', message, cause === undefined ? {} : { cause });
}

function member(place: Place, members: Members, key: string): Place {
  return { value: members[key], at: step(place.at, key) };
}

function step(at: string, key: string): string {
  return /^[A-Za-z_][\w]*$/.test(key) ? `${at}.${key}` : `${at}[${JSON.stringify(key)}]`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
