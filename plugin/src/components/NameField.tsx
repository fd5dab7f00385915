// Grafana 11.1 has no Combobox, which is what Select is deprecated in favour of.
/* eslint-disable @typescript-eslint/no-deprecated */
import { EditorField } from '@grafana/plugin-ui';
import { Select } from '@grafana/ui';
import React from 'react';

import type { ValuesQuestion } from '../values';
import { useNames, type NameSource } from './useNames';
import { useVariables } from './useVariables';

interface Props {
  inputId: string;
  label: string;
  tooltip?: string;
  source: NameSource;
  question: ValuesQuestion;
  name: string | undefined;
  onChange: (name: string | undefined) => void;
}

/** One name that there is in the mesh, a name or a glob as it is typed, or a variable of the dashboard. */
export function NameField({ inputId, label, tooltip, source, question, name, onChange }: Props) {
  const variables = useVariables();
  const { options, isLoading, load } = useNames(source, question);
  return (
    <EditorField label={label} tooltip={tooltip} htmlFor={inputId}>
      <Select
        inputId={inputId}
        options={[...variables, ...options]}
        value={name ? { value: name, label: name } : null}
        placeholder="Any"
        isLoading={isLoading}
        loadingMessage="Loading names"
        noOptionsMessage="Type a name or a glob"
        formatCreateLabel={(name: string) => `Use ${name}`}
        width={28}
        allowCustomValue
        allowCreateWhileLoading
        isClearable
        onOpenMenu={load}
        onChange={(chosen) => onChange(chosen?.value?.trim() || undefined)}
      />
    </EditorField>
  );
}
