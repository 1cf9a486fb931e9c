// Makes the types of the API, `src/openapi.ts`, from the project's openapi.json, and those of the
// events that it emits, `src/catalog.ts`, from docs/events.json; with `--check` it fails where they
// are not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => JSON.parse(readFileSync(here(path), 'utf8'));
const { factory } = ts;

/** A time may be given as text, as a date, and in Unix seconds. */
const TIME = [
  factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword),
  factory.createKeywordTypeNode(ts.SyntaxKind.NumberKeyword),
  factory.createTypeReferenceNode('Date'),
];
const NULL = factory.createLiteralTypeNode(factory.createNull());

/** What the client has no use for: other content than JSON, errors, and updates by PATCH. */
function lessen(document) {
  for (const path of Object.values(document.paths)) {
    delete path.patch;
    for (const operation of Object.values(path)) {
      if (operation.requestBody) onlyJson(operation.requestBody);
      operation.responses = Object.fromEntries(
        Object.entries(operation.responses).filter(([status]) => status < '300'),
      );
      for (const answer of Object.values(operation.responses)) {
        delete answer.headers;
        onlyJson(answer);
      }
      operation.parameters = operation.parameters
        ?.map((parameter) => (parameter.$ref ? found(document, parameter.$ref) : parameter))
        .filter(({ in: where }) => where === 'query');
    }
  }
  for (const name of Object.keys(document.components.schemas)) {
    if (name.endsWith('PatchParams')) delete document.components.schemas[name];
  }
  delete document.components.responses;
  delete document.components.parameters;
  delete document.components.headers;
  return simplify(document);
}

function found(document, ref) {
  return ref.slice('#/'.length).split('/').reduce((part, name) => part[name], document);
}

function onlyJson(body) {
  const json = body.content?.['application/json'];
  if (body.content) body.content = json ? { 'application/json': { schema: json.schema } } : {};
}

/** Takes out what types cannot say, and marks times that are given. */
function simplify(schema) {
  if (schema === null || typeof schema !== 'object') return schema;
  if (Array.isArray(schema)) return schema.map(simplify);
  const { anyOf, ...rest } = schema;
  const forms = anyOf?.flatMap((form) => form.anyOf ?? form) ?? [];
  if (forms.some(({ format }) => format === 'date-time') && forms.some(({ type }) => type === 'integer')) {
    const isNullable = forms.some(({ type }) => type === 'null');
    return { ...rest, 'x-given-time': isNullable ? [...TIME, NULL] : TIME };
  }
  if (isClash(schema)) return simplify({ ...schema, additionalProperties: {} });
  // "At least one of these fields".
  const isOfFields = anyOf?.every(({ type, required, $ref }) => required && !type && !$ref);
  const kept = isOfFields ? rest : schema;
  return Object.fromEntries(Object.entries(kept).map(([key, value]) => [key, simplify(value)]));
}

/** Whether the type of further fields is none that the named ones have, which no type can say. */
function isClash({ properties, additionalProperties: further }) {
  if (!properties || typeof further !== 'object' || Object.keys(further).length === 0) return false;
  const allowed = kinds(further);
  return Object.values(properties).some((property) => kinds(property).some((kind) => !allowed.includes(kind)));
}

function kinds({ type, anyOf, enum: values, const: value }) {
  if (type) return [type].flat().map((kind) => (kind === 'integer' ? 'number' : kind));
  if (anyOf) return anyOf.flatMap(kinds);
  return (values ?? [value]).map((one) => typeof one);
}

/** The catalogue's schemas, as the components of an API that has no routes. */
function described({ events }) {
  const schemas = Object.fromEntries(events.map(({ type, schema }) => [type, schema]));
  return { openapi: '3.1.0', info: { title: 'Events', version: '1' }, paths: {}, components: { schemas } };
}

async function make(target, source, document) {
  const nodes = await openapiTS(document, {
    transform: ({ 'x-given-time': forms }) => forms && factory.createUnionTypeNode(forms),
    emptyObjectsUnknown: true,
    silent: true,
  });
  const made = `// Made by \`npm run generate\` from ${source}; not to be edited.\n\n${astToString(nodes)}`;
  if (!process.argv.includes('--check')) {
    writeFileSync(here(target), made);
  } else if (made !== readFileSync(here(target), 'utf8')) {
    console.error(`${target} is not current: npm run generate.`);
    process.exitCode = 1;
  }
}

await make('src/openapi.ts', 'openapi.json', lessen(read('../../openapi.json')));
await make('src/catalog.ts', 'docs/events.json', described(read('../../docs/events.json')));
