import type { Choice } from '../choices';
import type { FieldType, Language, LanguageField } from './language';
import { tokensOf } from './tokens';

export interface Completion {
  /** What is shown. */
  label: string;
  /** What is put into the expression. */
  text: string;
  doc?: string;
}

/** What can stand at a place of an expression, and which part of it would be replaced. */
export interface Completions {
  from: number;
  to: number;
  items: Completion[];
}

const subjects: Completion[] = [
  { label: 'node', text: 'node.', doc: 'Either end of an edge, and each node by itself' },
  { label: 'edge', text: 'edge.', doc: 'What one node calls of another' },
  { label: 'source', text: 'source.', doc: 'The calling node of an edge' },
  { label: 'target', text: 'target.', doc: 'The called node of an edge' },
];

const joining = ['&&', '||'];
const order = ['<', '<=', '>', '>='];
const equality = ['==', '!='];

/** The operators that can follow a value: that of a field of a type, or any other. */
const operatorsOf: Record<FieldType | 'other', string[]> = {
  number: [...order, ...equality, '+', '-', '*', '/'],
  text: [...equality, 'in', 'contains', 'startsWith', 'endsWith', 'matches', 'not in'],
  boolean: joining,
  list: [],
  labels: [],
  other: [...joining, ...order, ...equality],
};

function operatorsAfter(type: FieldType | 'other', { operators }: Language): Completion[] {
  return operatorsOf[type].map((label) => ({
    label,
    text: label.endsWith('in') ? `${label} [` : `${label} `,
    doc: operators.find(({ name }) => name === label)?.doc,
  }));
}

/** What fits to a place of an expression. */
export function complete(text: string, caret: number, language: Language, variables: Choice[]): Completions {
  const head = text.slice(0, caret);
  const token = tokenAt(text, caret);
  const word = /\$\w*$|[A-Za-z_][\w.]*$/.exec(head)?.[0] ?? '';
  const rest = /^\w*/.exec(text.slice(caret))?.[0].length ?? 0;
  const place = (typed: string, items: Completion[]): Completions => ({
    from: caret - typed.length,
    to: caret + rest,
    items: matching(items, typed),
  });

  if (word.startsWith('$')) {
    const offered = token === 'comment' ? [] : variables;
    return place(
      word,
      offered.map(({ value, description }) => ({ label: value, text: value, doc: description }))
    );
  }
  if (token !== 'code') {
    return place('', []);
  }
  const [subject, typed] = word.includes('.')
    ? [word.slice(0, word.indexOf('.')), word.slice(word.indexOf('.') + 1)]
    : [];
  if (subject !== undefined && typed !== undefined) {
    return place(typed, fieldsOf(subject, language).map(asCompletion));
  }
  // An operator of signs, which may be a part of a longer one.
  const signs = /[!=<>&|]+$/.exec(head)?.[0];
  const following = signs && follows(head.slice(0, -signs.length), language);
  if (following) {
    return place(signs, following);
  }
  const before = head.slice(0, head.length - word.length);
  return place(word, follows(before, language) ?? operands(language));
}

const operands = (language: Language): Completion[] => [
  ...subjects,
  ...language.functions.map(({ name, doc }) => ({ label: name, text: `${name}(`, doc })),
  { label: 'not', text: 'not ', doc: 'True if what follows is false' },
  { label: 'true', text: 'true' },
  { label: 'false', text: 'false' },
];

/** The operators that can follow the value that a text ends with; undefined if it ends with none. */
function follows(before: string, language: Language): Completion[] | undefined {
  const end = before.trimEnd();
  const path = /(?:^|[^\w.])(\w+)\.(\w+)$/.exec(end);
  if (path) {
    const field = fieldsOf(path[1], language).find(({ name }) => name === path[2]);
    return operatorsAfter(field?.type ?? 'other', language);
  }
  const isValue = /["'`)\]]$|(^|[^\w.])(\d[\w.]*|true|false)$/.test(end);
  return isValue && before !== end ? operatorsAfter('other', language) : undefined;
}

function fieldsOf(subject: string, { fields }: Language): LanguageField[] {
  const of = subject === 'edge' ? 'edge' : 'node';
  return subjects.some(({ label }) => label === subject) ? fields.filter((field) => field.of.includes(of)) : [];
}

function asCompletion(field: LanguageField): Completion {
  const text = field.type === 'labels' ? `${field.name}["` : field.name;
  return { label: field.name, text, doc: [field.type, field.doc].filter(Boolean).join(': ') };
}

/** Those that begin with what was typed, and then those that hold it; none if one is all that was typed. */
function matching(items: Completion[], typed: string): Completion[] {
  const sought = typed.toLowerCase();
  const begin = items.filter(({ label }) => label.toLowerCase().startsWith(sought));
  const hold = items.filter(({ label }) => label.toLowerCase().indexOf(sought) > 0);
  const all = [...begin, ...hold];
  return all.length === 1 && all[0].text === typed ? [] : all;
}

/** What sort of piece a place is in. */
function tokenAt(text: string, caret: number) {
  let start = 0;
  for (const { kind, source, closed } of tokensOf(text)) {
    const end = start + source.length;
    if (kind !== 'code' && caret > start && (caret < end || (caret === end && !closed))) {
      return kind;
    }
    start = end;
  }
  return 'code';
}
