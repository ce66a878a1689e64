/** A form made of what the server says that a template's parameters are. */
import { NumberInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import type { ParameterView } from "@/lib/api/schema";
import type { Value, Values } from "./values";

interface ParameterFormProps {
  parameters: Readonly<Record<string, ParameterView>>;
  values: Values;
  errors: Readonly<Record<string, string>>;
  change: (name: string, value: Value) => void;
}

export function ParameterForm({ parameters, values, errors, change }: ParameterFormProps) {
  return (
    <Stack gap="md">
      {Object.entries(parameters).map(([name, parameter]) => (
        <Field
          key={name}
          parameter={parameter}
          value={values[name] ?? ""}
          error={errors[name]}
          change={(value) => change(name, value)}
        />
      ))}
    </Stack>
  );
}

interface FieldProps {
  parameter: ParameterView;
  value: Value;
  error: string | undefined;
  change: (value: Value) => void;
}

function Field({ parameter, value, error, change }: FieldProps) {
  const { type, title, description, choices, takes, minimum, maximum } = parameter;
  const said = { label: title, description: `${description} Takes: ${takes}.`, error };
  if (type === "boolean")
    return (
      <Switch
        label={title}
        description={description}
        error={error}
        checked={value === true}
        onChange={(event) => change(event.currentTarget.checked)}
      />
    );
  if (choices.length > 0)
    return (
      <Select
        {...said}
        description={description}
        data={[...choices]}
        value={String(value)}
        onChange={(next) => change(next ?? "")}
        allowDeselect={false}
      />
    );
  if (type === "integer" || type === "number")
    return (
      <NumberInput
        {...said}
        value={typeof value === "boolean" ? "" : value}
        onChange={change}
        min={typeof minimum === "number" ? minimum : undefined}
        max={typeof maximum === "number" ? maximum : undefined}
        // What is beyond the limits is told, and not silently made something else.
        clampBehavior="none"
        allowDecimal={type === "number"}
        step={type === "number" ? 0.5 : 1}
      />
    );
  return (
    <TextInput {...said} value={String(value)} onChange={(event) => change(event.currentTarget.value)} />
  );
}
