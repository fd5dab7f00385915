// Grafana 11.1 has no MultiCombobox, which is what MultiSelect is deprecated in favour of.
/* eslint-disable @typescript-eslint/no-deprecated */
import { EditorField } from '@grafana/plugin-ui';
import { MultiSelect } from '@grafana/ui';
import React from 'react';

import type { ValuesQuestion } from '../values';
import { useNames, type NameSource } from './useNames';
import { useVariables } from './useVariables';

interface Props {
  inputId: string;
  label: string;
  tooltip: string;
  source: NameSource;
  question: ValuesQuestion;
  names: string[] | undefined;
  onChange: (names: string[]) => void;
}

/** Names that there are in the mesh, names and globs as they are typed, and variables of the dashboard. */
export function NamesField({ inputId, label, tooltip, source, question, names = [], onChange }: Props) {
  const variables = useVariables();
  const { options, isLoading, load } = useNames(source, question);
  return (
    <EditorField label={label} tooltip={tooltip} htmlFor={inputId}>
      <MultiSelect
        inputId={inputId}
        options={[...variables, ...options]}
        value={names.map((name) => ({ value: name, label: name }))}
        placeholder="All"
        isLoading={isLoading}
        loadingMessage="Loading names"
        noOptionsMessage="Type a name or a glob"
        formatCreateLabel={(name: string) => `Use ${name}`}
        width={40}
        allowCustomValue
        allowCreateWhileLoading
        isClearable
        onOpenMenu={load}
        onChange={(chosen) => {
          const typed = chosen.flatMap(({ value }) => value?.trim() || []);
          onChange([...new Set(typed)]);
        }}
      />
    </EditorField>
  );
}
