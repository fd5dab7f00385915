import { CoreApp, FieldType, type DataFrame, type DataQueryRequest, type TimeRange } from '@grafana/data';

import type { Choice } from './choices';
import { newVariableQuery } from './defaults';
import type { MeshQuery } from './types';

/** What names are asked for, and of which part of the mesh. */
export type ValuesQuestion = Pick<MeshQuery, 'of' | 'namespaces' | 'clusters'>;

let asked = 0;

/** A request for names to offer. It is no panel's, so that it replaces no other one. */
export function valuesRequest(question: ValuesQuestion, range: TimeRange): DataQueryRequest<MeshQuery> {
  return {
    app: CoreApp.Unknown,
    requestId: `meshscope-values-${++asked}`,
    hideFromInspector: true,
    range,
    rangeRaw: range.raw,
    interval: '1m',
    intervalMs: 60_000,
    maxDataPoints: 1,
    scopedVars: {},
    startTime: Date.now(),
    timezone: 'browser',
    targets: [{ refId: 'values', ...newVariableQuery, ...question }],
  };
}

/** Names that there are, and what the backend says about that. */
export interface Names {
  names: Choice[];
  notice?: string;
}

export function namesOf(frames: DataFrame[]): Names {
  const notice = frames.flatMap(({ meta }) => meta?.notices ?? [])[0]?.text;
  return { names: choicesOf(frames), notice };
}

/** The names in an answer, each once. */
function choicesOf(frames: DataFrame[]): Choice[] {
  const choices = new Map<string, Choice>();
  for (const frame of frames) {
    const texts = frame.fields.filter(({ type }) => type === FieldType.string);
    const values = texts.find(({ name }) => name === 'value') ?? texts[0];
    const labels = texts.find(({ name }) => name === 'text') ?? values;
    for (let row = 0; values && row < frame.length; row++) {
      const value = String(values.values[row] ?? '');
      if (value !== '' && !choices.has(value)) {
        choices.set(value, { value, label: String(labels.values[row] ?? value) });
      }
    }
  }
  return [...choices.values()];
}
