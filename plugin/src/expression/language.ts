export type FieldType = 'number' | 'text' | 'boolean' | 'list' | 'labels';

/** A field of a node or an edge, as the backend tells of it. */
export interface LanguageField {
  name: string;
  /** node or edge, or both. */
  of: string[];
  type: FieldType;
  doc: string;
}

/** A function or an operator. */
export interface LanguageFunction {
  name: string;
  doc: string;
}

/** What expressions can be made of. */
export interface Language {
  fields: LanguageField[];
  functions: LanguageFunction[];
  operators: LanguageFunction[];
}

/** What is wrong with an expression. */
export interface Verdict {
  /** Empty if it is well-formed. */
  error?: string;
  line?: number;
  column?: number;
}
