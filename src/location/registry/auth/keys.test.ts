import { describe, expect, it } from 'vitest';
import { dockerKey, scopeOfKey, scopesOf, splitScope } from './keys.ts';

describe('a key of an auth file', () => {
  it.each([
    ['ghcr.io', 'ghcr.io'],
    ['GHCR.io', 'ghcr.io'],
    ['localhost:5000', 'localhost:5000'],
    ['[::1]:5000', '[::1]:5000'],
    ['https://ghcr.io', 'ghcr.io'],
    ['https://ghcr.io/', 'ghcr.io'],
    ['http://localhost:5000/v1/', 'localhost:5000'],
    ['HTTPS://registry.example/v2/', 'registry.example'],
    ['https://eu.gcr.io/project', 'eu.gcr.io'],
    ['registry.example/v1/', 'registry.example'],
    ['registry.example/v2/', 'registry.example'],
    ['registry.example/', 'registry.example'],
    ['quay.io/user', 'quay.io/user'],
    ['quay.io/user/image', 'quay.io/user/image'],
    ['quay.io/user/', 'quay.io/user'],
    ['registry.example/v1', 'registry.example/v1'],
    ['docker.io', 'docker.io'],
    ['index.docker.io', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['index.docker.io/v1/', 'docker.io'],
    ['docker.io/library/debian', 'docker.io/library/debian'],
    ['https://index.docker.io/v1/access-token', 'docker.io'],
    ['__proto__', '__proto__'],
    ['', ''],
  ])('%j stands for %j', (key, scope) => {
    expect(scopeOfKey(key)).toBe(scope);
  });

  it.each([
    ['registry.example/v1', 'registry.example'],
    ['registry.example/user/image', 'registry.example'],
    ['https://index.docker.io/v1/', 'docker.io'],
  ])('%j of .dockercfg stands for %j', (key, scope) => {
    expect(scopeOfKey(key, true)).toBe(scope);
  });
});

describe('a repository', () => {
  it('is looked for by its own name, by its folders, then by its registry', () => {
    expect(scopesOf('my-registry.local', 'namespace/user/image')).toEqual([
      'my-registry.local/namespace/user/image',
      'my-registry.local/namespace/user',
      'my-registry.local/namespace',
      'my-registry.local',
    ]);
    expect(scopesOf('index.docker.io', 'library/debian')[0]).toBe('docker.io/library/debian');
    expect(scopesOf('Registry.Example:5000', '')).toEqual(['registry.example:5000']);
  });
});

it('Docker has a key of its own for Docker Hub alone', () => {
  expect(dockerKey('docker.io')).toBe('https://index.docker.io/v1/');
  expect(dockerKey('docker.io/library')).toBe('docker.io/library');
  expect(dockerKey('ghcr.io')).toBe('ghcr.io');
});

it('a scope is a registry and a path', () => {
  expect(splitScope('ghcr.io')).toEqual(['ghcr.io', '']);
  expect(splitScope('localhost:5000/a/b')).toEqual(['localhost:5000', 'a/b']);
});
