/**
 * A piece of an expression: a text in quotes, a comment, or what is between these. The backend's lexer parts an
 * expression in the same way; only where its pieces end matters here, not whether they are well-formed.
 */
export interface Token {
  kind: 'code' | 'text' | 'raw' | 'comment';
  /** With its quotes, if it has any. */
  source: string;
  /** Tells that the closing quote, or the end of the comment, is there. */
  closed: boolean;
}

/** Parts an expression. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let code = 0;
  let at = 0;
  const take = (kind: Token['kind'], end: number, closed: boolean) => {
    if (at > code) {
      tokens.push({ kind: 'code', source: text.slice(code, at), closed: true });
    }
    tokens.push({ kind, source: text.slice(at, end), closed });
    at = code = end;
  };
  while (at < text.length) {
    const char = text[at];
    if (char === '"' || char === "'") {
      take('text', ...endOfText(text, at));
    } else if (char === '`') {
      take('raw', ...endOfRaw(text, at));
    } else if (text.startsWith('//', at)) {
      const end = text.indexOf('\n', at);
      take('comment', end < 0 ? text.length : end + 1, end >= 0);
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      take('comment', end < 0 ? text.length : end + 2, end >= 0);
    } else {
      at++;
    }
  }
  if (at > code) {
    tokens.push({ kind: 'code', source: text.slice(code, at), closed: true });
  }
  return tokens;
}

function endOfText(text: string, start: number): [end: number, closed: boolean] {
  let at = start + 1;
  while (at < text.length && text[at] !== text[start]) {
    at += text[at] === '\\' ? 2 : 1;
  }
  return at < text.length ? [at + 1, true] : [text.length, false];
}

/** Two quotes within a raw text are one. */
function endOfRaw(text: string, start: number): [end: number, closed: boolean] {
  let at = start + 1;
  while (at < text.length) {
    if (text.startsWith('``', at)) {
      at += 2;
    } else if (text[at] === '`') {
      return [at + 1, true];
    } else {
      at++;
    }
  }
  return [text.length, false];
}
