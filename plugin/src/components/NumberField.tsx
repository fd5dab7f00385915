import { EditorField } from '@grafana/plugin-ui';
import { Input } from '@grafana/ui';
import React, { useState } from 'react';

interface Props {
  inputId: string;
  label: string;
  tooltip: string;
  most: number;
  value: number;
  onChange: (value: number) => void;
}

/** A whole number from 1. It is taken when the field is left, lest a query runs at each digit. */
export function NumberField({ inputId, label, tooltip, most, value, onChange }: Props) {
  const [typed, setTyped] = useState<string>();
  const number = Number(typed);
  const allowed = typed === undefined || (Number.isInteger(number) && number >= 1 && number <= most);

  const take = () => {
    if (typed !== undefined && allowed) {
      setTyped(undefined);
      if (number !== value) {
        onChange(number);
      }
    }
  };

  return (
    <EditorField label={label} tooltip={tooltip} htmlFor={inputId} invalid={!allowed} error={`From 1 to ${most}`}>
      <Input
        id={inputId}
        type="number"
        min={1}
        max={most}
        width={12}
        value={typed ?? value}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => event.key === 'Enter' && take()}
      />
    </EditorField>
  );
}
