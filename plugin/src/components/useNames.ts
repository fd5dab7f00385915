import { getDefaultTimeRange, type TimeRange } from '@grafana/data';
import { useRef, useState } from 'react';

import type { Choice } from '../choices';
import type { MeshDataSource } from '../datasource';
import { messageOf } from '../message';
import type { ValuesQuestion } from '../values';

/** Where names to offer are asked for. */
export interface NameSource {
  datasource: MeshDataSource;
  range?: TimeRange;
}

interface Names {
  /** What there is; in place of names a line that says why there are none. */
  options: Choice[];
  isLoading: boolean;
  load: () => void;
}

const line = (label: string, description?: string): Choice => ({ value: '', label, description, isDisabled: true });

/**
 * Names that there are in the mesh, asked for anew whenever a picker is opened: what fits to the other fields changes
 * with them, and what is there with the time.
 */
export function useNames({ datasource, range }: NameSource, question: ValuesQuestion): Names {
  const [options, setOptions] = useState<Choice[]>([]);
  const [isLoading, setLoading] = useState(false);
  const last = useRef(0);

  const load = async () => {
    const turn = ++last.current;
    const show = (options: Choice[]) => {
      // An answer that comes after that to a later question is of no use.
      if (turn === last.current) {
        setOptions(options);
        setLoading(false);
      }
    };
    setLoading(true);
    try {
      const { names, notice } = await datasource.names(question, range ?? getDefaultTimeRange());
      show(names.length ? names : [line('None in the time range', notice ?? 'A name or a glob can be typed')]);
    } catch (reason) {
      show([line('The names cannot be read', messageOf(reason))]);
    }
  };
  return { options, isLoading, load };
}
