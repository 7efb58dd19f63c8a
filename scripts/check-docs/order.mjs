/** Pages for contributors, which ARCHITECTURE.md and CONTRIBUTING.md link. */
const FOR_CONTRIBUTORS = ['traps.md'];

/** README.md lists all pages of docs/ in their order, and each page ends with the link to the next one. */
export function checkOrder(documents) {
  const textOf = (name) => documents.find(({ file }) => file === name)?.text ?? '';
  const pages = documents.filter(({ file }) => file.startsWith('docs/')).map(({ file }) => file.slice('docs/'.length));
  const listed = [...textOf('README.md').matchAll(/^(?:-|\d+\.) \[[^\]]+\]\(docs\/([\w-]+\.md)\)/gm)].map(
    ([, page]) => page,
  );
  const missing = pages
    .filter((page) => ![...listed, ...FOR_CONTRIBUTORS].includes(page))
    .map((page) => `README.md does not list docs/${page}`);
  const unlinked = listed.slice(0, -1).flatMap((page, index) => {
    const last = textOf(`docs/${page}`).trimEnd().split('\n').at(-1);
    return last.includes(`](${listed[index + 1]})`)
      ? []
      : [`docs/${page} does not end with a link to ${listed[index + 1]}`];
  });
  return { what: 'pages in order', count: listed.length, problems: [...missing, ...unlinked] };
}
