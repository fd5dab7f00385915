import { useState } from 'react';

import type { MeshDataSource } from '../datasource';
import type { Language } from '../expression/language';
import { messageOf } from '../message';

export interface LanguageState {
  language?: Language;
  /** Why there is none. */
  error?: string;
  load: () => void;
}

/** What expressions can be made of, once it is asked for. */
export function useLanguage(datasource: MeshDataSource): LanguageState {
  const [state, setState] = useState<Omit<LanguageState, 'load'>>({});

  const load = async () => {
    if (state.language) {
      return;
    }
    try {
      setState({ language: await datasource.language() });
    } catch (reason) {
      setState({ error: messageOf(reason) });
    }
  };
  return { ...state, load };
}
