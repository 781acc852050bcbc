export { openYaml, type YamlFile, type YamlOptions } from './open-yaml.ts';
