import { readdirSync } from 'node:fs';
import { byText } from '../../../core/index.ts';
import { peelTag } from './objects.ts';
import type { Repository } from './repository.ts';
import { readSmall } from './small-file.ts';

const MAX_REF = 4096;
/** A repository of a million branches and tags. */
const MAX_PACKED = 128 << 20;
const MAX_LINKS = 5;
const TAGS = 'refs/tags/';
/** Tags that may each need an object read. */
const MAX_LOOSE = 2000;
const OBJECT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** What is checked out. */
export interface Head {
  /** Undefined if it is no branch. */
  readonly branch: string | undefined;
  /** The object name; undefined before the first commit. */
  readonly commit: string | undefined;
}

/** Reads HEAD and the ref that it leads to. */
export function readHead(repository: Repository): Head {
  let ref = 'HEAD';
  for (let links = 0; links <= MAX_LINKS; links++) {
    const text = (readRef(repository, ref) ?? packedRef(repository, ref) ?? '').trim();
    const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
    if (OBJECT.test(text)) return { branch, commit: text };
    const next = /^ref:\s*(refs\/\S+)$/.exec(text)?.[1];
    if (next === undefined || !isSafe(next)) return { branch, commit: undefined };
    ref = next;
  }
  return { branch: undefined, commit: undefined };
}

/** Names of the tags that stand for a commit, themselves or by a tag object, in order. */
export function tagsAt(
  repository: Repository,
  commit: string,
  isWanted: (name: string) => boolean,
): string[] {
  const loose = looseTags(repository).filter(isWanted).slice(0, MAX_LOOSE);
  const found = loose.filter((name) => {
    const text = readRef(repository, TAGS + name)?.trim() ?? '';
    return text === commit || (OBJECT.test(text) && peelTag(repository, text) === commit);
  });
  const known = new Set(loose);
  const packed = packedTagsAt(repository, commit).filter((name) => isWanted(name) && !known.has(name));
  return [...found, ...packed].sort(byText);
}

/** Tags whose names hold no slash: others are of a part of the repository. */
function looseTags({ common }: Repository): string[] {
  try {
    return readdirSync(`${common}/${TAGS}`);
  } catch {
    return [];
  }
}

function readRef({ own, common }: Repository, ref: string): string | undefined {
  const bytes = readSmall(`${own}/${ref}`, MAX_REF) ?? readSmall(`${common}/${ref}`, MAX_REF);
  return bytes?.toString('latin1');
}

function packedRef(repository: Repository, ref: string): string | undefined {
  const packed = readPacked(repository);
  const at = packed.indexOf(` ${ref}\n`, 0, 'utf8');
  return at < 0 ? undefined : packed.toString('latin1', packed.lastIndexOf('\n', at) + 1, at);
}

/** Each line is `OBJECT REF`; what a tag object stands for follows in a line `^OBJECT` (git-pack-refs(1)). */
function packedTagsAt(repository: Repository, commit: string): string[] {
  const packed = readPacked(repository);
  const names: string[] = [];
  for (let at = packed.indexOf(commit); at >= 0; at = packed.indexOf(commit, at + 1)) {
    const isPeeled = packed[at - 1] === 0x5e;
    const start = isPeeled ? packed.lastIndexOf('\n', at - 3) + 1 : at;
    if (start > 0 && packed[start - 1] !== 0x0a) continue;
    const line = packed.toString('utf8', start, packed.indexOf('\n', start));
    const name = / refs\/tags\/([^\s/]+)$/.exec(line)?.[1];
    if (name !== undefined) names.push(name);
  }
  return names;
}

function readPacked({ common }: Repository): Buffer {
  return readSmall(`${common}/packed-refs`, MAX_PACKED) ?? Buffer.alloc(0);
}

/** Whether the name of a ref leads nowhere else (git-check-ref-format(1)). */
function isSafe(ref: string): boolean {
  return ref.split('/').every((part) => part !== '' && !part.startsWith('.')) && !ref.includes('\0');
}
