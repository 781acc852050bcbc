import { PithError } from '../../core/index.ts';
import type { Answer } from '../../http/index.ts';
import { isRepository, isTag } from './reference.ts';
import { isHtml, notRegistry } from './refusal.ts';
import type { Registry, RegistryRequest } from './registry.ts';
import type { Repository } from './repository.ts';

const PAGE_SIZE = 1000;
/** More is taken for a list that never ends. */
const MAX_PAGES = 10_000;
const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/**
 * The tags of a repository, in the order of the registry (distribution-spec 1.1, "Listing Tags").
 * @throws UNKNOWN_IMAGE if there is no such repository; REGISTRY_…, NETWORK_…
 */
export async function listTags(repository: Repository): Promise<string[]> {
  const tags: string[] = [];
  const request = { doing: 'listing the tags of', method: 'GET', expect: [200] } as const;
  await eachPage(`tags/list?n=${PAGE_SIZE}`, repository.registry, async (to) =>
    repository.send({ ...request, to }, async (answer) => {
      tags.push(...textsIn(await readJson(answer, repository.registry.name), 'tags').filter(isTag));
      return { headers: answer.headers, url: answer.url };
    }),
  );
  return tags;
}

/** The repositories of a registry, as far as it tells (distribution's "Catalog"). @throws REGISTRY_…, NETWORK_… */
export async function listRepositories(registry: Registry): Promise<string[]> {
  const names: string[] = [];
  const request: Omit<RegistryRequest, 'to'> = {
    method: 'GET',
    registry: registry.name,
    repository: '',
    scopes: ['registry:catalog:*'],
    expect: [200],
    purpose: 'the list of its repositories',
  };
  await eachPage(`_catalog?n=${PAGE_SIZE}`, registry, async (to) =>
    registry.send({ ...request, to }, async (answer) => {
      names.push(...textsIn(await readJson(answer, registry.name), 'repositories').filter(isRepository));
      return { headers: answer.headers, url: answer.url };
    }),
  );
  return names;
}

/** Reads one page after the other, as long as the last one links to a next (RFC 8288, `rel="next"`). */
export async function eachPage(
  first: string,
  registry: Registry,
  read: (to: string | URL) => Promise<Pick<Answer, 'headers' | 'url'>>,
): Promise<void> {
  let to: string | URL = first;
  const seen = new Set<string>();
  for (let page = 0; page < MAX_PAGES; page++) {
    const { headers, url } = await read(to);
    const next = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(headers['link'] ?? '')?.[1];
    if (next === undefined) return;
    to = registry.addressIn({ location: next }, url);
    if (seen.has(to.href)) break;
    seen.add(to.href);
  }
  throw new PithError('REGISTRY_INVALID', `${registry.name} gives a list that does not end`);
}

/** The JSON object of an answer. @throws REGISTRY_INVALID */
export async function readJson(answer: Answer, registry: string): Promise<object> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    if ((size += piece.length) > MAX_PAGE_BYTES) break;
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !isHtml(answer)) return value;
  throw notRegistry({ registry, purpose: 'a question for a list' }, answer);
}

/** A list of texts in an object; one that is null or absent is empty, as Go programs write it. */
function textsIn(value: object, key: string): string[] {
  const list = Object.entries(value).find(([name]) => name === key)?.[1] as unknown;
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
