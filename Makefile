# Everything is in make.sh, which needs no make. ARGS are handed on: make test ARGS="tests/domain -x"
.PHONY: run test lint bench soak torture clean

run test lint bench soak torture clean:
	@./make.sh $@ $(ARGS)
