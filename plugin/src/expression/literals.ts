export type Quote = '"' | "'";

/**
 * A value as it stands within quotes: it can neither end the text nor begin an escape. The language knows JSON's
 * escapes, and of quotes that of the text alone.
 */
export function escaped(value: string, quote: Quote): string {
  const inDouble = JSON.stringify(value).slice(1, -1);
  return quote === '"' ? inDouble : inDouble.replace(/\\[^]|'/g, (sign) => ({ '\\"': '"', "'": "\\'" })[sign] ?? sign);
}

/** A value as a text of the language. */
export const quoted = (value: string) => `"${escaped(value, '"')}"`;

/** A value that a regular expression (RE2) takes for itself. */
export const literally = (value: string) => value.replace(/[\\^$.|?*+()[\]{}-]/g, '\\$&');

const plainNumber = /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** A value as a number of the language if it looks like one, else as a text. */
export function literal(value: string): string {
  if (!plainNumber.test(value)) {
    return quoted(value);
  }
  return value.startsWith('-') ? `(${value})` : value;
}
