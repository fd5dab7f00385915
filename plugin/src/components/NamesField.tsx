// Grafana 11.1 has no MultiCombobox, which is what MultiSelect is deprecated in favour of.
/* eslint-disable @typescript-eslint/no-deprecated */
import { EditorField } from '@grafana/plugin-ui';
import { MultiSelect } from '@grafana/ui';
import React from 'react';

import { useVariables } from './useVariables';

interface Props {
  inputId: string;
  label: string;
  tooltip: string;
  names: string[] | undefined;
  onChange: (names: string[]) => void;
}

/** Names and globs, as they are typed, and variables of the dashboard. */
export function NamesField({ inputId, label, tooltip, names = [], onChange }: Props) {
  const variables = useVariables();
  return (
    <EditorField label={label} tooltip={tooltip} htmlFor={inputId}>
      <MultiSelect
        inputId={inputId}
        options={variables}
        value={names.map((name) => ({ value: name, label: name }))}
        placeholder="All"
        noOptionsMessage="Type a name or a glob"
        formatCreateLabel={(name: string) => `Use ${name}`}
        width={40}
        allowCustomValue
        isClearable
        onChange={(chosen) => {
          const typed = chosen.flatMap(({ value }) => value?.trim() || []);
          onChange([...new Set(typed)]);
        }}
      />
    </EditorField>
  );
}
