import ts from 'typescript';

/**
 * Puts another body around one function declaration of a source, or around `Class.method`. In the body, `args` are the
 * arguments, and `original` is the function before the change.
 * @throws Error unless the source has this function once.
 */
export function wrap(source, name, body) {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node, owner) => {
    if (ts.isClassDeclaration(node)) return node.members.forEach((member) => visit(member, node.name?.text));
    if (nameOf(node, owner) === name) found.push(node);
    else ts.forEachChild(node, (child) => visit(child));
  };
  ts.forEachChild(file, (node) => visit(node));
  if (found.length !== 1) throw new Error(`There has to be one function ${name}, not ${found.length}.`);
  const [node] = found;
  const [before, text, after] = [source.slice(0, node.getStart()), node.getText(), source.slice(node.end)];
  return (
    before + (ts.isMethodDeclaration(node) ? aroundMethod(node, text, body) : aroundFunction(node, text, body)) + after
  );
}

function nameOf(node, owner) {
  if (ts.isMethodDeclaration(node)) return owner === undefined ? undefined : `${owner}.${node.name.getText()}`;
  return ts.isFunctionDeclaration(node) && node.body !== undefined ? node.name?.text : undefined;
}

function aroundFunction(node, text, body) {
  const name = node.name.text;
  const kept = text.replace(/^export /, '').replace(`function ${name}`, `function ${name}Original`);
  const isExported = text.startsWith('export ');
  return `${kept}
${isExported ? 'export ' : ''}${head(node, `function ${name}`)} {
  const original: any = ${name}Original;
  ${body}
}`;
}

function aroundMethod(node, text, body) {
  const name = node.name.getText();
  const kept = text.replace(name, `${name}Original`);
  return `${kept}
  ${head(node, name)} {
    const original: any = (...given: any[]) => (this as any).${name}Original(...given);
    ${body}
  }`
    .replaceAll('(this as any).#', 'this.#')
    .replaceAll(`this.${name}Original(...given)`, `(this.${name}Original as any)(...given)`);
}

function head(node, name) {
  const isAsync = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
  return isAsync ? `async ${name}(...args: any[]): Promise<any>` : `${name}(...args: any[]): any`;
}
