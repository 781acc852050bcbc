import { licenceOfName } from '../licences/names.ts';

/** Addresses that stand for one licence, without scheme, `www.` and ending. */
const ADDRESSES: Readonly<Record<string, string>> = {
  'apache.org/licenses/license-2.0': 'Apache-2.0',
  'opensource.org/licenses/apache-2.0': 'Apache-2.0',
  'opensource.org/licenses/mit': 'MIT',
  'opensource.org/licenses/mit-license': 'MIT',
  'opensource.org/licenses/bsd-2-clause': 'BSD-2-Clause',
  'opensource.org/licenses/bsd-3-clause': 'BSD-3-Clause',
  'eclipse.org/org/documents/epl-v10': 'EPL-1.0',
  'eclipse.org/legal/epl-v10': 'EPL-1.0',
  'eclipse.org/legal/epl-2.0': 'EPL-2.0',
  'eclipse.org/legal/epl-v20': 'EPL-2.0',
  'eclipse.org/org/documents/epl-2.0': 'EPL-2.0',
  'eclipse.org/org/documents/edl-v10': 'BSD-3-Clause',
  'mozilla.org/mpl/2.0': 'MPL-2.0',
  'unlicense.org': 'Unlicense',
};
const MAX_LICENCES = 32;

/** The licences that a pom.xml declares for its project (Maven's POM reference, "Licenses"). */
export function readPomLicences(text: string): string[] {
  const project = withoutComments(text);
  const list = between(project, '<licenses>', '</licenses>') ?? '';
  return list.split('</license>', MAX_LICENCES).flatMap((one) => {
    const [name, url] = [valueOf(one, 'name'), valueOf(one, 'url')];
    const address = (url ?? '')
      .toLowerCase()
      .replace(/^https?:\/\/(?:www\.)?/, '')
      .replace(/(?:\.(?:txt|html|php))?\/?$/, '');
    return ADDRESSES[address] ?? (name === undefined ? [] : licenceOfName(name));
  });
}

function valueOf(text: string, element: string): string | undefined {
  const value = between(text, `<${element}>`, `</${element}>`)?.trim().replace(/\s+/g, ' ');
  return value === undefined || value === '' ? undefined : decodeEntities(value);
}

function between(text: string, start: string, end: string): string | undefined {
  const from = text.indexOf(start);
  const to = from < 0 ? -1 : text.indexOf(end, from);
  return to < 0 ? undefined : text.slice(from + start.length, to);
}

function withoutComments(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (let start = text.indexOf('<!--'); start >= 0; start = text.indexOf('<!--', at)) {
    kept.push(text.slice(at, start));
    const end = text.indexOf('-->', start + 4);
    if (end < 0) return kept.join('');
    at = end + 3;
  }
  kept.push(text.slice(at));
  return kept.join('');
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(lt|gt|amp|quot|apos);/g, (_whole, name: string) => ENTITIES[name] ?? '');
}
