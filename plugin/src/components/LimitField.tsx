import { EditorField } from '@grafana/plugin-ui';
import { Input } from '@grafana/ui';
import React, { useState } from 'react';

import { maxLimit } from '../choices';

interface Props {
  inputId: string;
  limit: number;
  onChange: (limit: number) => void;
}

/** The greatest number of nodes. It is taken when the field is left, lest a query runs at each digit. */
export function LimitField({ inputId, limit, onChange }: Props) {
  const [typed, setTyped] = useState<string>();
  const number = Number(typed);
  const allowed = typed === undefined || (Number.isInteger(number) && number >= 1 && number <= maxLimit);

  const take = () => {
    if (typed !== undefined && allowed) {
      setTyped(undefined);
      if (number !== limit) {
        onChange(number);
      }
    }
  };

  return (
    <EditorField
      label="Limit"
      tooltip="The greatest number of nodes. Unhealthy and busy ones come first, and a notice says what was left out."
      htmlFor={inputId}
      invalid={!allowed}
      error={`From 1 to ${maxLimit}`}
    >
      <Input
        id={inputId}
        type="number"
        min={1}
        max={maxLimit}
        width={12}
        value={typed ?? limit}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => event.key === 'Enter' && take()}
      />
    </EditorField>
  );
}
