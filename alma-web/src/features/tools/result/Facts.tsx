import { Box, SimpleGrid, Text } from "@mantine/core";
import { type Around, headingOf, isScalar } from "./shape";
import { Scalar } from "./Scalar";

/** Short facts as a list of definitions, in columns. */
export function Facts({ facts, around }: { facts: readonly (readonly [string, unknown])[]; around: Around }) {
  const long = facts.some(([, value]) => typeof value === "string" && value.length > 60);
  return (
    <SimpleGrid
      component="dl"
      m={0}
      cols={long ? { base: 1, md: 2 } : { base: 2, sm: 3, lg: 4 }}
      spacing="md"
      verticalSpacing="xs"
    >
      {facts.map(([name, value]) => (
        <Box key={name} miw={0}>
          <Text component="dt" size="xs" c="dimmed" className="wrap-anywhere">
            {headingOf(name)}
          </Text>
          <Box component="dd" m={0}>
            {isScalar(value) && <Scalar name={name} value={value} around={around} />}
          </Box>
        </Box>
      ))}
    </SimpleGrid>
  );
}
