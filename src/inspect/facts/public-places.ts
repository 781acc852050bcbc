const FOLDERS = String.raw`(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|gems|usr\/lib|usr\/share|usr\/local\/lib|usr\/src|go\/pkg\/mod|usr\/local\/go)\/`;
const TESTS = String.raw`(?:.*\/)?(?:tests?|testdata|testing|test_data|fixtures?|examples?|samples?|docs?|specs?|__tests__|demos?)\/`;
const PUBLIC: readonly RegExp[] = [
  /^usr\/share\/(?:doc|man|info|gtk-doc|perl|perl5)\//,
  new RegExp(FOLDERS + TESTS),
  /(?:^|\/)(?:python3?[\d.]*\/test|go\/src)\//,
  /(?:^|\/)(?:PKG-INFO|METADATA|README|CHANGELOG)$|\.(?:md|rst|adoc|html?)$|_test\.go$/i,
];

/** Whether a path is of documentation, or of tests and examples of what is installed: keys and tokens there are no secrets. */
export function isPublicPlace(path: string): boolean {
  return PUBLIC.some((form) => form.test(path));
}
