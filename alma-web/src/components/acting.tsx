/** Doing something that the server may refuse: in a dialog that stays open and says why. */
import { Button, type ButtonProps, Group, Modal, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { ProblemAlert } from "@/components/states";
import { toldDone } from "@/lib/told";

/** What a button that is only a cross says. */
export const CLOSE = { "aria-label": "Close" };

export interface Acting {
  busy: boolean;
  problem: unknown;
  /** Whether it was done. */
  act: (work: () => Promise<unknown>, done?: string) => Promise<boolean>;
  forget: () => void;
}

export function useActing(): Acting {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  async function act(work: () => Promise<unknown>, done?: string): Promise<boolean> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      if (done !== undefined) toldDone(done);
      return true;
    } catch (error) {
      setProblem(error);
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, problem, act, forget: () => setProblem(null) };
}

interface AskingDialogProps {
  title: string;
  opened: boolean;
  onClose: () => void;
  /** What will happen. */
  children: ReactNode;
  /** On the button that does it, and on the one that doesn't. */
  confirm: string;
  refuse?: string;
  work: () => Promise<unknown>;
  done?: string;
}

/** Asks before what can't be taken back, and closes when the server has done it. */
export function AskingDialog(props: AskingDialogProps) {
  const { title, opened, onClose, children, confirm, refuse = "Cancel", work, done } = props;
  const { busy, problem, act, forget } = useActing();
  function close() {
    forget();
    onClose();
  }
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={CLOSE} centered>
      <Stack className="wrap-anywhere">
        {children}
        {problem !== null && <ProblemAlert problem={problem} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {refuse}
          </Button>
          <Button
            color="red"
            loading={busy}
            onClick={() => void act(work, done).then((fine) => fine && close())}
          >
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

type AskingProps = ButtonProps &
  Pick<AskingDialogProps, "children" | "confirm" | "work" | "done"> & {
    /** On the button, and as the dialog's title unless `title` says more. */
    label: string;
    title?: string;
    /** For those who hear it, where several buttons say the same. */
    named?: string;
  };

/** A button that asks first, for what can't be taken back. */
export function Asking({ label, title, children, confirm, work, done, named, ...button }: AskingProps) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={named === undefined ? undefined : `${label} ${named}`}
        onClick={open}
        {...button}
      >
        {label}
      </Button>
      <AskingDialog
        title={title ?? label}
        opened={opened}
        onClose={close}
        confirm={confirm}
        work={work}
        done={done}
      >
        {children}
      </AskingDialog>
    </>
  );
}

interface FormDialogProps {
  title: string;
  opened: boolean;
  onClose: () => void;
  submit: string;
  work: () => Promise<unknown>;
  done?: string;
  children: ReactNode;
  size?: string;
}

/** A form in a dialog, which closes when the server has taken it. */
export function FormDialog({ title, opened, onClose, submit, work, done, children, size }: FormDialogProps) {
  const { busy, problem, act, forget } = useActing();
  function close() {
    forget();
    onClose();
  }
  function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    void act(work, done).then((fine) => fine && close());
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      size={size ?? "md"}
      closeButtonProps={CLOSE}
      closeOnClickOutside={false}
    >
      <form onSubmit={send}>
        <Stack className="wrap-anywhere">
          {children}
          {problem !== null && <ProblemAlert problem={problem} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
