import ts from 'typescript';

/** The limits: lines of functions, and fields of a class. */
const [MEDIAN, NINETIETH, LONGEST, MOST_FIELDS] = [8, 20, 60, 16];

/** Measures the functions and classes in these files. Returns the figures to print, and the limits that are broken. */
export function functionsIn(files) {
  const nodes = files.flatMap(({ path, text }) =>
    nodesOf(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)),
  );
  const functions = nodes.filter(isFunction).map((node) => ({ size: linesOf(node), name: nameOf(node) }));
  const classes = nodes.filter(ts.isClassLike).map((node) => ({ size: fieldsOf(node), name: nameOf(node) }));
  const middle = percentile(functions, 0.5);
  const high = percentile(functions, 0.9);
  return {
    figures: [
      [middle, `lines in half of the ${functions.length} functions with a block, at most`],
      [high, 'lines in 90 % of them, at most'],
      [Math.max(0, ...functions.map(({ size }) => size)), 'lines in the longest one'],
      [Math.max(0, ...classes.map(({ size }) => size)), `fields in the largest of ${classes.length} classes`],
    ],
    problems: [
      ...(middle > MEDIAN ? [`half of the functions have more than ${MEDIAN} lines`] : []),
      ...(high > NINETIETH ? [`a tenth of the functions have more than ${NINETIETH} lines`] : []),
      ...above(functions, LONGEST, 'lines'),
      ...above(classes, MOST_FIELDS, 'fields'),
    ],
  };
}

function nodesOf(node) {
  const children = [];
  ts.forEachChild(node, (child) => void children.push(...nodesOf(child)));
  return [node, ...children];
}

/** An arrow function without a block is part of an expression. */
function isFunction(node) {
  return ts.isFunctionLike(node) && node.body !== undefined && ts.isBlock(node.body);
}

function linesOf(node) {
  const file = node.getSourceFile();
  const [first, last] = [node.getStart(file), node.end].map((at) => file.getLineAndCharacterOfPosition(at).line);
  return last - first + 1;
}

/** Counts the fields of an instance, also those that the parameters of the constructor declare. */
function fieldsOf({ members }) {
  const parameters = members.filter(ts.isConstructorDeclaration).flatMap(({ parameters: all }) => all);
  const declared = parameters.filter((parameter) => ts.isParameterPropertyDeclaration(parameter, parameter.parent));
  const fields = members.filter((member) => ts.isPropertyDeclaration(member) && !ts.hasStaticModifier(member));
  return fields.length + declared.length;
}

/** Names a function or a class with its place: `src/a.ts:12 f`. */
function nameOf(node) {
  const { name } = [node, node.parent].find((one) => one.name) ?? {};
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
  return `${file.fileName}:${line + 1} ${ts.isConstructorDeclaration(node) ? 'new ' : ''}${name?.getText() ?? 'function'}`;
}

function percentile(some, share) {
  const sizes = some.map(({ size }) => size).sort((one, other) => one - other);
  return sizes[Math.ceil(sizes.length * share) - 1] ?? 0;
}

function above(some, limit, what) {
  const large = some.filter(({ size }) => size > limit).sort((one, other) => other.size - one.size);
  return large.map(({ size, name }) => `${name}: ${size} ${what}, more than ${limit}`);
}
