import type { Fact } from '../../inspect/index.ts';

/** A fact in a few words; none for what says nothing to people. */
export function factWords(fact: Fact): string[] {
  switch (fact.kind) {
    case 'elf':
      return [elfWords(fact)];
    case 'script':
      return [`script for ${fact.interpreter}`];
    case 'packages': {
      const [first, ...more] = fact.packages;
      return first
        ? [`package ${first.name} ${first.version}${more.length > 0 ? ` and ${more.length} more` : ''}`]
        : [];
    }
    case 'owned-files':
      return [`list of ${fact.owned.files.length} files of ${fact.owned.package}`];
    case 'licences':
      return [`licences of ${fact.package}: ${fact.licences.join(', ')}`];
    case 'certificates':
      return [
        `${fact.certificates.length} certificates`,
        ...fact.certificates.slice(0, 3).map(({ subject }) => subject),
      ];
    case 'secrets':
      return fact.secrets.map(({ type, line, hint }) => `${type} in line ${line}: ${hint}`);
    case 'accounts':
      return [`accounts: ${fact.accounts.map(({ name }) => name).join(', ')}`];
    case 'groups':
      return [`groups: ${fact.groups.map(({ name }) => name).join(', ')}`];
    case 'passwords':
      return fact.passwords.map(({ name, state }) => `password of ${name}: ${state}`);
    case 'os-release':
      return [fact.values['PRETTY_NAME'] ?? fact.values['NAME'] ?? 'os-release'];
    case 'tool':
      return [`${fact.tool} (${fact.category.replace('-', ' ')})`];
    case 'wishes':
      return [`looks for ${fact.wishes.join(', ')}`];
    default:
      return [];
  }
}

function elfWords({ elf, hardening, stripped }: Extract<Fact, { kind: 'elf' }>): string {
  const parts = [
    'ELF',
    ...(elf.needed.length > 0 ? [`needs ${elf.needed.join(' ')}`] : []),
    stripped ? 'stripped' : 'not stripped',
    `RELRO ${hardening.relro}`,
    ...(hardening.nx ? [] : ['executable stack']),
    ...(hardening.pie === undefined ? [] : [hardening.pie ? 'PIE' : 'no PIE']),
  ];
  return parts.join(', ');
}
