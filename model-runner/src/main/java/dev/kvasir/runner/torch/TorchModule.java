package dev.kvasir.runner.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A loaded TorchScript module whose methods can be called by name. */
public final class TorchModule implements AutoCloseable {
    private final PtSymbolBlock block;

    /**
     * Loads.
     *
     * @param archive as {@link ScriptArchive#write} makes it
     */
    public TorchModule(PtNDManager manager, byte[] archive) {
        try {
            block = JniUtils.loadModule(manager, new ByteArrayInputStream(archive), true, false);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can't fail", e);
        }
    }

    /** Calls a method for its effect. */
    public void call(String method, Object... arguments) {
        run(method, arguments).close();
    }

    /** Calls a method that returns a tensor; {@code manager} owns it. */
    public PtNDArray tensor(PtNDManager manager, String method, Object... arguments) {
        try (IValue result = run(method, arguments)) {
            return result.toTensor(manager);
        }
    }

    /** Calls a method that returns a list of tensors; {@code manager} owns them. */
    public NDList tensors(PtNDManager manager, String method, Object... arguments) {
        try (IValue result = run(method, arguments)) {
            return result.toNDList(manager);
        }
    }

    /**
     * Calls a method with gradients on, which the other calls have off; they stay on for the calling thread. What it returns is attached to the manager of the arguments.
     *
     * @param arguments tensors, in the order of the method's parameters; the module keeps those that it stores
     */
    public NDList train(String method, NDList arguments) {
        // DJL has this call for `forward` only, and takes another method's name from an argument that it doesn't pass
        // on.
        JniUtils.setGradMode(true);
        try (NDArray name = arguments.head().getManager().create(0)) {
            name.setName("module_method:" + method);
            return IValueUtils.forward(block, new NDList(name).addAll(arguments), true);
        }
    }

    private IValue run(String method, Object... arguments) {
        IValue[] values = new IValue[arguments.length];
        int made = 0;
        try {
            for (; made < arguments.length; made++) {
                values[made] = value(arguments[made]);
            }
            return IValueUtils.runMethod(block, method, values);
        } finally {
            for (int i = 0; i < made; i++) {
                values[i].close();
            }
        }
    }

    private static IValue value(Object argument) {
        if (argument instanceof PtNDArray tensor) {
            return IValue.from(tensor);
        }
        if (argument instanceof Integer number) {
            return IValue.from((long) number);
        }
        if (argument instanceof long[] numbers) {
            return IValue.listFrom(numbers);
        }
        if (argument instanceof NDList list) {
            PtNDArray[] tensors = new PtNDArray[list.size()];
            for (int i = 0; i < tensors.length; i++) {
                NDArray tensor = list.get(i);
                tensors[i] = (PtNDArray) tensor;
            }
            return IValue.listFrom(tensors);
        }
        throw new IllegalArgumentException("no TorchScript value for " + argument.getClass());
    }

    @Override
    public void close() {
        block.close();
    }
}
